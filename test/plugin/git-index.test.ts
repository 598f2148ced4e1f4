import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { canHideChanges, readIndex } from '../../plugin/origin/git-index.ts'

/** Names of all lengths, so that entries end with each possible number of NUL bytes. */
const names = Array.from({ length: 40 }, (_, length) => 'n'.repeat(length + 1))

function repository(folder: string, format: 'sha1' | 'sha256') {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'core.fsmonitor=false', ...args], { cwd: folder, encoding: 'utf8' })
  git('init', '--quiet', `--object-format=${format}`)
  for (const name of names) writeFileSync(path.join(folder, name), name)
  git('add', '--all')
  const hashBytes = format === 'sha1' ? 20 : 32
  const index = () => readIndex(folder) ?? Buffer.alloc(0)
  return { git, index, canHide: () => canHideChanges(index(), hashBytes), hashBytes }
}

for (const format of ['sha1', 'sha256'] as const) {
  t.test(`Git must be asked for hidden changes only if the index (${format}) can have them`, t => {
    const { git, index, canHide, hashBytes } = repository(t.testdir(), format)
    t.equal(canHide(), false)
    for (const name of [names[0] ?? '', names[6] ?? '', names[39] ?? '']) {
      git('update-index', '--assume-unchanged', name)
      t.equal(canHide(), true, `assume-unchanged: a name of ${name.length} characters`)
      git('update-index', '--no-assume-unchanged', name)
      t.equal(canHide(), false)
    }
    git('update-index', '--skip-worktree', 'nn')
    t.equal(canHide(), true, 'skip-worktree')
    git('update-index', '--no-skip-worktree', 'nn')
    t.equal(canHide(), false)
    for (const length of [0, 11, 12, 100, index().length - hashBytes - 1])
      t.equal(canHideChanges(index().subarray(0, length), hashBytes), true, `${length} bytes of it`)
    t.end()
  })
}

t.test('Git must be asked for an index whose entries cannot be read here', t => {
  const { git, canHide } = repository(t.testdir(), 'sha1')
  git('update-index', '--index-version', '4')
  t.equal(canHide(), true, 'version 4')
  git('update-index', '--index-version', '2')
  git('update-index', '--split-index')
  t.equal(canHide(), true, 'a split index')
  git('update-index', '--no-split-index')
  t.equal(canHide(), false)
  t.end()
})
