import fc from 'fast-check'
import t from 'tap'
import { contentHistory } from '../../plugin/origin/content-history.ts'
import type { SourceSelection } from '../../plugin/origin/source-selection.ts'
import { ImportedHistory } from './imported-history.ts'
import type { ImportedCommit, ImportedFile } from './imported-history.ts'

/** `src/*.yaml` counts if it has the letter r; of `values.yaml` only the first letter counts. */
const selection: SourceSelection = {
  roots: ['src', 'single'],
  decide: file => {
    if (file === 'src/ignored') return 'other'
    return file.endsWith('.yaml') ? 'by-content' : 'source'
  },
  reaches: () => true,
  isSource: (_, bytes) => bytes.includes('r'),
  values: {
    files: ['values.yaml'],
    key: read => read('values.yaml')?.toString().slice(0, 1) ?? 'none'
  }
}

/** Whether a file is a link, and its content; other modes do not count. */
function withoutMode(file: ImportedFile) {
  if (typeof file === 'string') return { isLink: false, content: file }
  return { isLink: file.mode === '120000', content: file.content }
}

/** The content of the model by the definition, from all files of a commit. */
function contentOf({ files }: ImportedCommit): string {
  const plain = Object.entries(files).map(([name, file]) => ({ name, ...withoutMode(file) }))
  const sources = plain.filter(({ name, isLink, content }) => {
    if (!name.startsWith('src/') && name !== 'single') return false
    const decision = selection.decide(name)
    if (decision !== 'by-content') return decision === 'source'
    return isLink || selection.isSource(name, Buffer.from(content))
  })
  const key = selection.values?.key(name => {
    let file = plain.find(other => other.name === name)
    while (file?.isLink === true) {
      const { content } = file
      file = plain.find(other => other.name === content)
    }
    return file === undefined ? undefined : Buffer.from(file.content)
  })
  return JSON.stringify([sources.sort((a, b) => (a.name < b.name ? -1 : 1)), key])
}

function ancestorsOf(commits: readonly ImportedCommit[], of: number): ReadonlySet<number> {
  const parents = commits[of]?.parents ?? []
  return new Set(parents.flatMap(parent => [parent, ...ancestorsOf(commits, parent)]))
}

/** The model commit by the definition: every commit is compared with every other one. */
function oldestSame(commits: readonly ImportedCommit[], ids: readonly string[]) {
  const head = commits.length - 1
  const content = (index: number) => contentOf(commits[index] ?? { files: {}, parents: [] })
  const same = [head, ...ancestorsOf(commits, head)].filter(at => content(at) === content(head))
  const oldest = same.filter(at => !same.some(other => ancestorsOf(commits, at).has(other)))
  const named = oldest.map(at => ({ id: ids[at] ?? '', seconds: commits[at]?.seconds ?? 0 }))
  named.sort((a, b) => a.seconds - b.seconds || (a.id < b.id ? -1 : 1))
  return { modelCommit: named[0]?.id, oldest: oldest.length, same: new Set(same) }
}

const text = fc.constantFrom('a', 'b', 'run', 'run b')
const file = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: fc.record({ mode: fc.constant('100755' as const), content: text }) },
  { weight: 1, arbitrary: fc.record({ mode: fc.constant('120000' as const), content: text }) },
  { weight: 2, arbitrary: fc.constant(undefined) }
)
const names = ['src/a', 'src/deep/b', 'src/ignored', 'src/m.yaml', 'single', 'elsewhere']

/** The values can be those of another file. */
const valuesLink = fc.record({
  mode: fc.constant('120000' as const),
  content: fc.constantFrom('single', 'elsewhere')
})
const edit = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...names), file) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('values.yaml'), fc.oneof(text, valuesLink, file)) }
)

/** A commit starts from the files of one of its parents, or of any earlier commit, and edits some of them. */
interface Drawn {
  readonly parents: readonly number[]
  readonly startsFrom: { readonly kind: 'parent' | 'any'; readonly index: number }
  readonly edits: readonly (readonly [string, ImportedFile | undefined])[]
  readonly seconds: number
}

function drawn(index: number): fc.Arbitrary<Drawn> {
  const earlier = fc.nat(Math.min(Math.max(index - 1, 0), 3)).map(back => index - 1 - back)
  const fewParents = fc.uniqueArray(earlier, { minLength: 1, maxLength: 3 })
  const isRoot = fc.nat(9).map(chance => index === 0 || chance === 0)
  return fc.record({
    parents: isRoot.chain(root => (root ? fc.constant<number[]>([]) : fewParents)),
    startsFrom: fc.record({ kind: fc.constantFrom('parent', 'any'), index: fc.nat(index) }),
    edits: fc.array(edit, { maxLength: 2 }),
    seconds: fc.nat(3)
  })
}

function commitsOf(history: readonly Drawn[]): readonly ImportedCommit[] {
  const commits: ImportedCommit[] = []
  for (const { parents, startsFrom, edits, seconds } of history) {
    const { kind, index } = startsFrom
    const start = kind === 'any' ? index : (parents[index % Math.max(parents.length, 1)] ?? -1)
    const files = { ...commits[start]?.files }
    for (const [name, content] of edits) {
      if (content === undefined) Reflect.deleteProperty(files, name)
      else files[name] = content
    }
    // The message makes commits with equal files different ones.
    commits.push({ files, parents, seconds, message: `${commits.length}` })
  }
  return commits
}

const histories = fc
  .integer({ min: 3, max: 12 })
  .chain(size => fc.tuple(...Array.from({ length: size }, (_, index) => drawn(index))))
  .map(commitsOf)

/** All histories in one list, so that they are created by one process of git. */
function joined(all: readonly (readonly ImportedCommit[])[]): readonly ImportedCommit[] {
  const commits: ImportedCommit[] = []
  for (const one of all) {
    const offset = commits.length
    commits.push(
      ...one.map(commit => ({ ...commit, parents: commit.parents.map(at => at + offset) }))
    )
  }
  return commits
}

/** Of the ways to read a history, only git reads one with such a setting. */
const settings = { 'from objects': 'x.x', 'by git': 'include.path' } as const

for (const [way, setting] of Object.entries(settings)) {
  t.test(`finds the commits that a comparison of all files finds, ${way}`, async t => {
    const all = fc.sample(histories, { seed: 18, numRuns: 80 })
    const history = new ImportedHistory()
    t.teardown(() => {
      history.remove()
    })
    history.git('config', setting, '/dev/null')
    const allIds = history.add(joined(all))
    let [offset, older, severalOldest] = [0, 0, 0]
    for (const commits of all) {
      const ids = allIds.slice(offset, (offset += commits.length))
      const head = commits.length - 1
      const checkout = { root: history.root, commit: ids[head] ?? '', settings: [] }
      const found = await contentHistory(checkout, selection)
      const expected = oldestSame(commits, ids)
      if (expected.modelCommit !== ids[head]) older++
      if (expected.oldest > 1) severalOldest++
      const ancestors = new Set([head, ...ancestorsOf(commits, head)])
      const pins = ids.map((tag, index) => ({
        tag,
        commit: ancestors.has(index) ? tag : undefined,
        isAncestor: ancestors.has(index),
        hasSameSources: expected.same.has(index)
      }))
      const message = JSON.stringify(commits)
      t.same(found.modelCommit, { kind: 'known', commit: expected.modelCommit }, message)
      t.same(
        ids.map(id => found.pinOf(id)),
        pins,
        message
      )
    }
    t.ok(older > 20, `histories in which the content is older than the last commit: ${older}`)
    t.ok(severalOldest > 3, `histories with several oldest commits: ${severalOldest}`)
  })
}
