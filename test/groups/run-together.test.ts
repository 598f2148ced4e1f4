import { spawnSync } from 'node:child_process'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'

/** The code with which a group of these files ends, and the lines that say how its files and tests ended. */
function group(t: Test, files: Readonly<Record<string, string>>) {
  const folder = t.testdir(files)
  const module = path.resolve('test/groups/run-together.ts')
  const names = Object.keys(files).filter(name => name.endsWith('.test.ts'))
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      ...['--import', path.resolve('scripts/quick-tests.js'), '--input-type=module', '--eval'],
      `import { runFiles } from '${module}'\nrunFiles(${JSON.stringify(names)})`
    ],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, TAP: '1' } }
  )
  const ended = stdout.match(/^ *(?:not )?ok .*$/gm) ?? []
  return { status, ended: ended.map(line => line.replace(/ # time=.*/, '')) }
}
const passing = `import t from 'tap'; t.test('one', t => { t.equal(1, 1, 'equal'); t.end() })`

t.test('Each file is a subtest of its name, and all of its tests are in it', t => {
  const b = `import t from 'tap'; t.test('two', async t => { t.pass('first') }); t.test('three', async t => { t.pass('second') })`
  t.same(group(t, { 'a.test.ts': passing, 'b.test.ts': b }), {
    status: 0,
    ended: [
      ...['        ok 1 - equal', '    ok 1 - one', 'ok 1 - a.test.ts'],
      ...['        ok 1 - first', '    ok 1 - two', '        ok 1 - second', '    ok 2 - three'],
      'ok 2 - b.test.ts'
    ]
  })
  t.end()
})

t.test('A failed assertion fails its file only, and the group', t => {
  const failing = `import t from 'tap'; t.test('one', t => { t.equal(1, 2, 'equal'); t.end() })`
  t.same(group(t, { 'a.test.ts': failing, 'b.test.ts': passing }), {
    status: 1,
    ended: [
      ...['        not ok 1 - equal', '    not ok 1 - one', 'not ok 1 - a.test.ts'],
      ...['        ok 1 - equal', '    ok 1 - one', 'ok 2 - b.test.ts']
    ]
  })
  t.end()
})

t.test('A file that cannot be loaded fails', t => {
  const files = { 'a.test.ts': `import './absent.ts'`, 'b.test.ts': passing }
  const { status, ended } = group(t, files)
  t.equal(status, 1)
  t.match(ended[0], /^ {4}not ok 1 - Cannot find module '.*absent\.ts'/)
  t.same(ended.slice(1), [
    'not ok 1 - a.test.ts',
    ...['        ok 1 - equal', '    ok 1 - one', 'ok 2 - b.test.ts']
  ])
  t.end()
})

t.test('An error after the end of a test fails the group', t => {
  const late = `import t from 'tap'
    t.test('one', async t => { t.pass('fine'); setImmediate(() => { throw new Error('late') }) })
    t.test('two', t => { setTimeout(() => t.end(), 100) })`
  t.not(group(t, { 'a.test.ts': late, 'b.test.ts': passing }).status, 0)
  t.end()
})

t.test('A file that ends the process, even with code 0, fails it and every later file', t => {
  const ends = `import t from 'tap'; t.test('one', t => process.exit(0))`
  const { status, ended } = group(t, { 'a.test.ts': ends, 'b.test.ts': passing })
  t.equal(status, 1)
  t.same(
    ended.filter(line => !line.startsWith(' ')),
    ['not ok 1 - a.test.ts', 'not ok 2 - child test left in queue: b.test.ts']
  )
  t.end()
})

t.test('A test file whose shared module imports tap cannot be in a group', t => {
  const { status, ended } = group(t, {
    'shared.ts': `import t from 'tap'; export const pass = () => t.pass('of whom?')`,
    'a.test.ts': `import t from 'tap'; import { pass } from './shared.ts'; t.test('one', async () => { pass() })`
  })
  t.same(
    [status, ended],
    [
      1,
      [
        '    not ok 1 - shared.ts imports tap, so the test files that import it run alone',
        'not ok 1 - a.test.ts'
      ]
    ]
  )
  t.end()
})
