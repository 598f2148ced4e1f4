import type { JsonValue } from '../../common/json.ts'
import type { Segment } from './place.ts'
import type { ServerView } from './server-view.ts'

/** A member that was not rendered. */
export interface AddedMember {
  /** The name of the object that holds it. */
  readonly holder: Segment | undefined
  readonly key: Segment
  readonly found: JsonValue | undefined
  /** Whether the holder was rendered with a `parallelism`. */
  readonly hasParallelism: boolean
}

/** Whether the API server adds this to a Job. */
export function isJobAddition(added: AddedMember, view: ServerView): boolean {
  if (view.group !== 'batch' || view.kind !== 'Job') return false
  return isOneCompletion(added) || isJobLabel(added, view)
}

/** Of a Job without parallelism; a Job that has it, and no completions, has a queue of work (SetDefaults_Job). */
function isOneCompletion({ holder, key, found, hasParallelism }: AddedMember): boolean {
  return key === 'completions' && found === 1 && holder === 'spec' && !hasParallelism
}

/** Labels by which a Job finds its pods (pkg/registry/batch/job, generateSelector). */
function isJobLabel({ holder, key, found }: AddedMember, { name, uid }: ServerView): boolean {
  if (holder === 'matchLabels') return uids.has(key) && found === uid
  if (holder !== 'labels') return false
  return (uids.has(key) && found === uid) || (names.has(key) && found === name)
}

const uids: ReadonlySet<Segment> = new Set(['controller-uid', 'batch.kubernetes.io/controller-uid'])
const names: ReadonlySet<Segment> = new Set(['job-name', 'batch.kubernetes.io/job-name'])
