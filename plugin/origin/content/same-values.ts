import { Fault } from '../../../common/fault.ts'
import type { Checkout } from '../checkout.ts'
import type { ModelValues } from '../source-selection.ts'
import { absent } from './commit-log.ts'
import type { CommitLog } from './commit-log.ts'
import { bytesOf } from './file-roles.ts'
import { walkContents } from './first-parents.ts'
import { readObjects } from './objects.ts'
import { sameness } from './same-sources.ts'
import { blobIdOf } from './source-facts.ts'

/**
 * Compares the model's values of the commits whose sources are the same, or may be, with those of the
 * first commit, and corrects their `states`.
 *
 * @throws {Fault} `GIT_*`, `HISTORY_LIMIT`
 */
export async function compareValues(
  checkout: Checkout,
  log: CommitLog,
  values: ModelValues,
  states: Uint8Array
): Promise<void> {
  const { head, others } = versionsOf(log, values, states)
  if (others.length === 0) return
  const blobs = await readBlobs(checkout, log, [head, ...others])
  const headKey = keyOf(head, { log, values, blobs })
  for (const version of others) {
    const state = compareKeys(headKey, keyOf(version, { log, values, blobs }))
    if (state === sameness.same) continue
    for (const commit of version.commits) states[commit] = state
  }
}

/** The contents that the value files have at some commits, in the order of the files. */
interface Version {
  readonly contents: readonly number[]
  readonly commits: number[]
}

/** The values of the first commit, and the different contents of the value files that may give others. */
function versionsOf(log: CommitLog, values: ModelValues, states: Uint8Array) {
  const paths = values.files.map(file => log.paths.find(bytesOf(file)))
  const current = new Int32Array(log.paths.texts.length).fill(absent)
  const versions = new Map<string, Version>()
  walkContents(log, {
    change: (path, _, after) => {
      current[path] = after
    },
    visit: commit => {
      if (states[commit] === sameness.other) return
      const contents = paths.map(path => (path === undefined ? absent : (current[path] ?? absent)))
      const version = versions.get(contents.join()) ?? { contents, commits: [] }
      versions.set(contents.join(), version)
      version.commits.push(commit)
    }
  })
  const all = [...versions.values()]
  const head = all.find(({ commits }) => commits.includes(0)) ?? { contents: [], commits: [] }
  return { head, others: all.filter(version => version !== head) }
}

type Blobs = ReadonlyMap<string, Buffer | 'too-large'>

async function readBlobs(
  checkout: Checkout,
  log: CommitLog,
  versions: readonly Version[]
): Promise<Blobs> {
  const contents = new Set(versions.flatMap(version => version.contents))
  const ids = [...contents].flatMap(content => blobIdOf(log, content) ?? [])
  const blobs = new Map<string, Buffer | 'too-large'>()
  let bytesRead = 0
  await readObjects(checkout, ids, (id, bytes) => {
    blobs.set(id, bytes ?? 'too-large')
    bytesRead += bytes?.length ?? 0
    if (bytesRead > maxBytes) {
      throw new Fault('HISTORY_LIMIT', "the history of the model's value files is too large", {
        expected: `at most ${maxBytes} bytes`,
        remedy: 'Remove model.values from mlgitops.yaml, and name the value files in model.sources.'
      })
    }
  })
  return blobs
}

const maxBytes = 256 * 1024 * 1024

/** The canonical text of values, or why there is none: no regular file, or not in the repository. */
type Key = { readonly text: string } | 'unreadable' | 'missing'

function keyOf(
  { contents }: Version,
  { log, values, blobs }: { log: CommitLog; values: ModelValues; blobs: Blobs }
): Key {
  const files = new Map<string, Buffer>()
  for (const [index, file] of values.files.entries()) {
    const content = contents[index] ?? absent
    if (content === absent) continue
    const id = blobIdOf(log, content)
    const blob = id === undefined ? 'too-large' : blobs.get(id)
    if (blob === undefined) return 'missing'
    if (blob === 'too-large') return 'unreadable'
    files.set(file, blob)
  }
  return { text: values.key(file => files.get(file)) }
}

function compareKeys(head: Key, other: Key): number {
  if (head === 'missing' || other === 'missing') return sameness.undecided
  if (head === 'unreadable' || other === 'unreadable') return sameness.other
  return head.text === other.text ? sameness.same : sameness.other
}
