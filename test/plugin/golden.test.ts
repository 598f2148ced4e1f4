import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'

/**
 * One folder a case: `in/` is the repository, `args.txt` the arguments of `mlgitops render` a line each,
 * `expected.yaml` or `expected-error.txt` what it prints. `UPDATE_GOLDEN=1` writes what is not there.
 */
const cases = path.resolve('test/golden')
const revision = '12e4567'.padEnd(40, '0')

for (const name of readdirSync(cases)) {
  t.test(name.replaceAll('-', ' '), async t => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-golden-'))
    t.teardown(() => {
      rmSync(folder, { recursive: true })
    })
    cpSync(path.join(cases, name, 'in'), folder, { recursive: true })
    const given = readFileSync(path.join(cases, name, 'args.txt'), 'utf8')
      .trim()
      .split('\n')
    const args = [
      'render',
      ...given,
      '--revision',
      revision,
      '--repo-url',
      'https://git.example.com/x'
    ]
    const { stdout, stderr, exitCode } = await run({ args, env: {}, folder })
    const isError = name.startsWith('error-')
    const file = path.join(cases, name, isError ? 'expected-error.txt' : 'expected.yaml')
    const printed = isError ? stderr : stdout
    if (!existsSync(file) && process.env.UPDATE_GOLDEN === '1') writeFileSync(file, printed)
    t.equal(printed, readFileSync(file, 'utf8'))
    t.equal(exitCode, isError ? 1 : 0)
    if (isError) t.equal(stdout, '', 'all or nothing')
  })
}
