import path from 'node:path'
import { Fault } from '../../../common/fault.ts'
import type { Checkout } from '../checkout.ts'
import type { ModelValues } from '../source-selection.ts'
import { absent, idOf, kindOf } from './commit-log.ts'
import type { CommitLog } from './commit-log.ts'
import { bytesOf } from './file-roles.ts'
import { walkContents } from './first-parents.ts'
import { readObjects } from './objects.ts'
import { sameness } from './same-sources.ts'

/**
 * Compares the model's values of the commits whose sources are the same, or may be, with those of the
 * first commit, and corrects their `states`.
 *
 * @returns the targets of value files that are links, where `values.files` lacks them: then the history of
 *   these files is needed too, and `states` are not corrected
 * @throws {Fault} `GIT_*`, `HISTORY_LIMIT`
 */
export async function compareValues(
  checkout: Checkout,
  log: CommitLog,
  values: ModelValues,
  states: Uint8Array
): Promise<readonly string[]> {
  const { head, others } = versionsOf(log, values, states)
  const isLinked = [head, ...others].some(({ contents }) =>
    contents.some(content => kindOf(log, content) === 'link')
  )
  if (others.length === 0 && !isLinked) return []
  const blobs = await readBlobs(checkout, log, [head, ...others])
  const files = [head, ...others].map(version => new ValueFiles(version, { log, values, blobs }))
  const targets = new Set(files.flatMap(version => version.unknownTargets()))
  if (targets.size > 0) return [...targets]
  const [headKey = 'missing', ...keys] = files.map(version => version.key())
  for (const [index, { commits }] of others.entries()) {
    const state = compareKeys(headKey, keys[index] ?? 'missing')
    if (state !== sameness.same) for (const commit of commits) states[commit] = state
  }
  return []
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
  const ids = [...contents]
    .filter(content => /^(?:blob|link)$/.test(kindOf(log, content)))
    .map(content => idOf(log, content))
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

/** The value files of one version. */
class ValueFiles {
  readonly #contents = new Map<string, number>()
  readonly #known: Known

  constructor({ contents }: Version, known: Known) {
    this.#known = known
    for (const [index, file] of known.values.files.entries()) {
      this.#contents.set(file, contents[index] ?? absent)
    }
  }

  /** The targets of links that are not among the value files. */
  unknownTargets(): readonly string[] {
    return [...this.#contents.keys()]
      .map(file => this.#targetOf(file))
      .filter(target => target !== undefined && target !== '' && !this.#contents.has(target))
      .filter(target => target !== undefined)
  }

  key(): Key {
    const blobs = new Map<string, Buffer>()
    for (const file of this.#contents.keys()) {
      const target = this.#follow(file)
      const content = this.#contents.get(target) ?? absent
      if (content === absent) continue
      const { log } = this.#known
      const blob = this.#known.blobs.get(idOf(log, content))
      if (kindOf(log, content) !== 'blob' || blob === 'too-large') return 'unreadable'
      if (blob === undefined) return 'missing'
      blobs.set(file, blob)
    }
    return { text: this.#known.values.key(file => blobs.get(file)) }
  }

  /** The file that a chain of links leads to; one of the links of an endless chain. */
  #follow(file: string): string {
    let at = file
    for (let links = 0; links < maxLinks; links++) {
      const target = this.#targetOf(at)
      if (target === undefined || target === '') return at
      at = target
    }
    return at
  }

  /** The tree path that a link names; `''` if it leaves the repository or cannot be read. */
  #targetOf(file: string): string | undefined {
    const { log, blobs } = this.#known
    const content = this.#contents.get(file) ?? absent
    if (kindOf(log, content) !== 'link') return undefined
    const text = blobs.get(idOf(log, content))
    if (!Buffer.isBuffer(text)) return ''
    const target = path.posix.join(path.posix.dirname(file), text.toString())
    return text[0] === slash || /^\.\.(?:\/|$)|^\.\/?$/.test(target) ? '' : target
  }
}

interface Known {
  readonly log: CommitLog
  readonly values: ModelValues
  readonly blobs: Blobs
}

const slash = 47
const maxLinks = 40

function compareKeys(head: Key, other: Key): number {
  if (head === 'missing' || other === 'missing') return sameness.undecided
  if (head === 'unreadable' || other === 'unreadable') return sameness.other
  return head.text === other.text ? sameness.same : sameness.other
}
