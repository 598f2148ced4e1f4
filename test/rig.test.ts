import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { bounded } from './e2e/rig/bounded.ts'
import { eventually } from './e2e/rig/eventually.ts'
import { Points } from './e2e/rig/points.ts'
import { takeTurns } from './e2e/rig/turns.ts'
import type { Turn } from './e2e/rig/turns.ts'

// The runner of the suites against real hosts (npm run e2e): what it promises when something goes wrong.
const rig = path.join(import.meta.dirname, 'e2e/rig')

t.test('a runner that is killed leaves no process of the programs that it started', async t => {
  const log = path.join(t.testdir(), 'program.log')
  const script = `
    import { Keep } from ${JSON.stringify(path.join(rig, 'keep.ts'))}
    import { Program } from ${JSON.stringify(path.join(rig, 'program.ts'))}
    const options = { name: 'x', command: 'sh', logFile: ${JSON.stringify(log)} }
    const keep = new Keep()
    // One ends by SIGTERM with its child, the other by nothing less than SIGKILL.
    const mild = new Program({ ...options, args: ['-c', 'sleep 600 & echo up; wait'] }, keep)
    const stubborn = new Program({ ...options, args: ['-c', 'trap "" TERM; echo up; sleep 600'] }, keep)
    for (const program of [mild, stubborn]) await program.line(/(up)/)
    console.log(mild.pid, stubborn.pid)
    setInterval(() => undefined, 1_000)
  `
  const runner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const lines = createInterface({ input: runner.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  const groups = line.split(' ').map(Number)
  t.same(groups.map(isGroupThere), [true, true])
  runner.kill('SIGKILL')
  await eventually(() => groups.every(group => !isGroupThere(group)) || undefined, {
    what: 'both groups have ended'
  })
})

function isGroupThere(group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

t.test(
  'suites share the machine, but for those that are alone and for what both claim',
  async t => {
    const told: string[] = []
    const claims = ['Argo CD']
    const suites: readonly (Turn & { readonly name: string })[] = [
      { name: 'a' },
      { name: 'alone', isAlone: true },
      { name: 'c', claims },
      { name: 'd', claims },
      { name: 'e' },
      { name: 'f' }
    ]
    const isLastOver = Promise.withResolvers<undefined>()
    await takeTurns(suites, 2, async ({ name }) => {
      told.push(`+${name}`)
      await (name === 'c' ? isLastOver.promise : undefined)
      told.push(`-${name}`)
      if (name === 'f') isLastOver.resolve(undefined)
    })
    t.equal(told.join(' '), '+a -a +alone -alone +c +e -e +f -f -c +d -d')
  }
)

t.test(
  'a suite that hangs is given up: its open points fail, and what it tells later is not heard',
  async t => {
    const said: string[] = []
    const points = new Points('stuck', line => said.push(line))
    const { promise, resolve } = Promise.withResolvers<undefined>()
    await points.check('first', () => Promise.resolve())
    const hanging = points.check('second', () => promise)
    await t.rejects(bounded(hanging, 10, 'stuck is at its end'), {
      message: 'after 0.01 s still not: stuck is at its end'
    })
    points.giveUp('it hung')
    resolve(undefined)
    await hanging
    t.same(
      points.all.map(({ name, outcome }) => [name, outcome]),
      [
        ['first', { kind: 'passed' }],
        ['second', { kind: 'failed', reason: 'it hung' }]
      ]
    )
    t.match(said, [/^passed {2}stuck: first \(\d/, /^failed {2}stuck: second$/, / {8}it hung/])
    t.equal(said.length, 3)
  }
)
