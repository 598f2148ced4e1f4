import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'

t.test('The command of docs/gate.md prints what the page says', async t => {
  const page = readFileSync('docs/gate.md', 'utf8')
  const [, command = ''] = /\nnpx mlgitops (gate .*)\n/.exec(page) ?? []
  const [, printed] = /```text\n([^]*?)```/.exec(page) ?? []
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-gate-page-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  // The page makes the same file with yes and head.
  writeFileSync(path.join(folder, 'predictions.csv'), `y,p\n${'1,1\n'.repeat(400)}`)
  const { exitCode, stdout } = await run({ args: command.split(' '), env: {}, folder })
  t.same([exitCode, stdout], [0, printed])
})
