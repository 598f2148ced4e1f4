import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import type { Workload } from '../../evidence/workload/workload.ts'
import { oncePerSubject } from '../subject/once-per-subject.ts'
import type { Subject } from '../subject/subject.ts'
import { withoutMaintained } from '../subject/written-metadata.ts'
import type { LooksAt } from './looks.ts'

/**
 * True for an update that leaves everything that a rule looks at as it was. An update that changes what
 * runs leaves nothing as it was, whatever the rule looks at.
 */
export function isUnchangedFor(looksAt: LooksAt, subject: Subject): boolean {
  const { object, oldObject } = subject
  if (oldObject === undefined || looksAt.request) return false
  if (!sameRun(subject).holds) return false
  if (
    looksAt.attestation &&
    !isDeepStrictEqual(ourAnnotations(object), ourAnnotations(oldObject))
  ) {
    return false
  }
  return looksAt.paths.every(path =>
    isDeepStrictEqual(
      path.length === 0 ? withoutMaintained(object) : valueAt(object, path),
      path.length === 0 ? withoutMaintained(oldObject) : valueAt(oldObject, path)
    )
  )
}

/**
 * Whether both versions run the same: everything outside of metadata and status is equal, but for fields
 * that say how often and how long, and so is what the workload table reads, wherever it is.
 */
const sameRun = oncePerSubject((subject: Subject): { readonly holds: boolean } => {
  const { object, oldObject, workload } = subject
  const holds =
    oldObject !== undefined &&
    isDeepStrictEqual(runPart(object), runPart(oldObject)) &&
    isDeepStrictEqual(found(workload), found(inspectWorkload(oldObject, oldObject)))
  return { holds }
})

function found(workload: Workload | undefined) {
  if (workload === undefined) return undefined
  const { images, models, opaque } = workload
  return {
    images: images.map(({ field, value }) => [field, value]),
    models: models.map(({ field, value }) => [field, value]),
    opaque: opaque.map(({ field, value }) => [field, value])
  }
}

/** Fields of `spec` that change how often, how long or whether the same runs, if they are no mapping. */
const pace = new Set([
  'activeDeadlineSeconds',
  'backoffLimit',
  'completions',
  'failedJobsHistoryLimit',
  'minReadySeconds',
  'parallelism',
  'paused',
  'progressDeadlineSeconds',
  'replicas',
  'revisionHistoryLimit',
  'startingDeadlineSeconds',
  'successfulJobsHistoryLimit',
  'suspend',
  'ttlSecondsAfterFinished'
])

/** The same for one group: Tekton and Argo Workflows are stopped by a word, Pods wait for a scheduler. */
const paceOfGroup: Readonly<Record<string, readonly string[]>> = {
  'v1/Pod': ['schedulingGates', 'tolerations'],
  'tekton.dev': ['status'],
  'argoproj.io': ['shutdown']
}

function runPart(object: JsonObject): JsonObject {
  const { apiVersion, kind, spec } = object
  const rest = Object.entries(object).filter(
    ([key]) => !['metadata', 'status', 'spec'].includes(key)
  )
  if (!isJsonObject(spec)) return { ...Object.fromEntries(rest), spec: spec ?? null }
  const version = typeof apiVersion === 'string' ? apiVersion : ''
  const name = version.includes('/')
    ? (version.split('/')[0] ?? '')
    : `${version}/${typeof kind === 'string' ? kind : ''}`
  const more = paceOfGroup[name] ?? []
  const kept = Object.entries(spec).filter(
    ([key, value]) => !more.includes(key) && !(pace.has(key) && typeof value !== 'object')
  )
  return { ...Object.fromEntries(rest), spec: Object.fromEntries(kept) }
}

function ourAnnotations(object: JsonObject): JsonObject {
  const all = member(object.metadata, 'annotations')
  const ours = Object.entries(isJsonObject(all) ? all : {}).filter(([key]) =>
    key.startsWith('mlgitops.io/')
  )
  return Object.fromEntries(ours)
}

function valueAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object
  for (const key of path) value = member(value, key)
  return value
}
