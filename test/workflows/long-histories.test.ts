import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { CommitLog } from '../../plugin/origin/content/commit-log.ts'
import { RawLogReader } from '../../plugin/origin/content/raw-log.ts'
import type { SourceSelection } from '../../plugin/origin/source-selection.ts'
import { everySource, historyOf } from './every-source.ts'
import { ImportedHistory } from './imported-history.ts'

const history = new ImportedHistory()
const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-git-'))
t.teardown(() => {
  history.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** Puts a `git` first on PATH that records its calls and runs the real one. */
function recordedCalls(): () => readonly string[] {
  const calls = path.join(folder, 'calls')
  const searchPath = process.env.PATH ?? ''
  writeFileSync(
    path.join(folder, 'git'),
    `#!/bin/sh\nprintf '%s\\n' "$*" >> '${calls}'\nPATH='${searchPath}' exec git "$@"\n`
  )
  chmodSync(path.join(folder, 'git'), 0o755)
  process.env.PATH = `${folder}:${searchPath}`
  t.teardown(() => {
    process.env.PATH = searchPath
  })
  return () => {
    const lines = readFileSync(calls, 'utf8').trim().split('\n')
    writeFileSync(calls, '')
    return lines.map(line => /(?:^| )(log|cat-file|config) /.exec(line)?.[1] ?? line)
  }
}

const commits = 10_000

/** The file `src/1` has another content in each commit, and its first one again in the last one. */
function importLong(): readonly string[] {
  const stream = Array.from({ length: commits }, (_, index) => {
    const content = index === commits - 1 ? '0' : `${index}`
    return [
      `commit refs/heads/long\nmark :${index + 1}\ncommitter T <t@t> ${index} +0000\ndata 0\n`,
      `M 644 inline src/1\ndata ${content.length}\n${content}\n`,
      `M 644 inline app/canary.yaml\ndata ${content.length}\n${content}\n\n`
    ].join('')
  })
  return history.import(Buffer.from(stream.join('')))
}

const ids = importLong()
const [first = ''] = ids
const last = ids.at(-1) ?? ''

t.test('10,000 commits', async t => {
  const calls = recordedCalls()
  const found = await historyOf(history.root, last)
  t.same(found.modelCommit, { kind: 'known', commit: first })
  const pins = ids.filter(id => found.pinOf(id.slice(0, 16)).hasSameSources)
  t.same(pins, [first, last])
  t.same(calls(), ['log'], 'one process of git, whatever the number of pins')

  const selection: SourceSelection = {
    ...everySource('src', 'app'),
    decide: file => (file.endsWith('.yaml') ? 'by-content' : 'source')
  }
  const { modelCommit } = await historyOf(history.root, last, selection)
  t.same(modelCommit, { kind: 'known', commit: first })
  t.same(calls(), ['log'], 'contents are read only of commits that nothing else tells apart')
  const app = { ...selection, roots: ['app'] }
  t.same((await historyOf(history.root, last, app)).modelCommit, { kind: 'known', commit: first })
  t.same(calls(), ['log', 'cat-file', 'cat-file'], 'first of the rendered commit, then of others')
})

t.test('what does not fit in memory is a fault', t => {
  const log = new CommitLog({ maxCommits: 2, maxChanges: 2 })
  log.addCommit('a', [])
  log.addCommit('b', ['a'])
  const fault = (limit: string) => ({
    code: 'HISTORY_LIMIT',
    message: "the history of the model's sources is too long",
    details: {
      expected: `at most ${limit}`,
      remedy: 'Name fewer files in model.sources of mlgitops.yaml.'
    }
  })
  t.throws(() => log.addCommit('c', ['b']), fault('2 commits'))
  log.addChange(0, 'x', 'blob 1')
  log.addChange(0, 'y', 'blob 1')
  t.throws(() => {
    log.addChange(0, 'z', 'blob 1')
  }, fault('2 changes of source files'))
  t.end()
})

t.test('a fault while git prints ends git', async t => {
  const failing: SourceSelection = {
    ...everySource('src'),
    decide: () => {
      throw new Error('stop')
    }
  }
  await t.rejects(historyOf(history.root, last, failing), { message: 'stop' })
})

t.test('output in parts of any size', t => {
  const [one, two] = ['1'.repeat(40), '2'.repeat(40)]
  const change = `:100644 100755 ${'a'.repeat(40)} ${'b'.repeat(40)} M`
  const output = Buffer.from(
    `${two} ${one}@1793610000@${'d'.repeat(40)}\0\n${change}\0src/ü\0${change}\0src/2\0${one} @5@\0`
  )
  for (let size = 1; size <= output.length; size++) {
    const log = new CommitLog()
    const reader = new RawLogReader(log, () => true)
    for (let at = 0; at < output.length; at += size) reader.take(output.subarray(at, at + size))
    t.same(
      [
        reader.date,
        reader.tree,
        log.commits.texts,
        log.parentsOf(0),
        log.changesOf(0),
        log.paths.texts
      ],
      [
        '1793610000',
        'd'.repeat(40),
        [two, one],
        [1],
        [
          { path: 0, content: 1 },
          { path: 1, content: 1 }
        ],
        ['src/\xc3\xbc', 'src/2']
      ],
      `parts of ${size} bytes`
    )
  }
  t.end()
})
