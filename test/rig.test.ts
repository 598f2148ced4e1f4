import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { findModule, modulesPeer } from './e2e/peers/modules.ts'
import { readStamp, writeStamp } from './e2e/peers/stamp.ts'
import { bounded } from './e2e/rig/bounded.ts'
import { planeOf } from './e2e/rig/control-planes.ts'
import { eventually } from './e2e/rig/eventually.ts'
import { Points } from './e2e/rig/points.ts'
import { takeTurns } from './e2e/rig/turns.ts'
import { suites } from './e2e/suites.ts'

// How the runner of the suites against real hosts (npm run e2e) behaves when something fails.
const rig = path.join(import.meta.dirname, 'e2e/rig')

t.test('a runner that is killed leaves no process of the programs that it started', async t => {
  const log = path.join(t.testdir(), 'program.log')
  const script = `
    import { Keep } from ${JSON.stringify(path.join(rig, 'keep.ts'))}
    import { Program } from ${JSON.stringify(path.join(rig, 'program.ts'))}
    const options = { name: 'x', command: 'sh', logFile: ${JSON.stringify(log)} }
    const keep = new Keep()
    // One ends with its child on SIGTERM, the other only on SIGKILL.
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
  t.same(groups.map(isGroupAlive), [true, true])
  runner.kill('SIGKILL')
  await eventually(() => groups.every(group => !isGroupAlive(group)) || undefined, {
    what: 'both groups have ended'
  })
})

function isGroupAlive(group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

t.test('suites start in their order, and the next one as soon as one has ended', async t => {
  const steps: string[] = []
  const isLastOver = Promise.withResolvers<undefined>()
  await takeTurns(['long', 'a', 'b', 'c'], 2, async name => {
    steps.push(`+${name}`)
    await (name === 'long' ? isLastOver.promise : undefined)
    steps.push(`-${name}`)
    if (name === 'c') isLastOver.resolve(undefined)
  })
  t.equal(steps.join(' '), '+long +a -a +b -b +c -c -long')
})

t.test('a suite that restarts the API server has a control plane of its own', t => {
  const folder = path.join(rig, '..')
  const restarting = globSync('*/*.ts', { cwd: folder })
    .filter(file => readFileSync(path.join(folder, file), 'utf8').includes('.restartApiServer('))
    .map(file => path.dirname(file))
  const planes = suites.filter(({ name }) => restarting.includes(name)).map(planeOf)
  t.same(new Set(planes).size, new Set(restarting).size)
  t.not(planes.length, 0)
  t.notOk(planes.includes('control-plane'))
  t.end()
})

t.test('modules that are gone from Go’s cache count as missing, and are fetched again', t => {
  const folder = t.testdir({ peers: {}, cache: { 'a@v1': {}, 'b@v1': {} } })
  const [peers, cache] = [path.join(folder, 'peers'), path.join(folder, 'cache')]
  const known = Object.fromEntries(
    ['a@v1', 'b@v1'].map(version => [version, path.join(cache, version)])
  )
  writeFileSync(path.join(peers, modulesPeer), JSON.stringify(known))
  const modules = Object.keys(known)
  const peer = { name: modulesPeer, version: '', recipe: { kind: 'modules', modules } } as const
  writeStamp(peers, peer, { version: '2 of them', seconds: 1 })
  t.match(readStamp(peers, peer), { version: '2 of them' })
  t.equal(findModule(peers, 'b@v1'), path.join(cache, 'b@v1'))
  const more = { ...peer, recipe: { ...peer.recipe, modules: [...modules, 'c@v1'] } }
  t.equal(readStamp(peers, more), undefined)
  rmSync(path.join(cache, 'b@v1'), { recursive: true })
  t.equal(findModule(peers, 'b@v1'), undefined)
  t.equal(readStamp(peers, peer), undefined)
  t.end()
})

t.test(
  'a suite that hangs is given up: its open points fail, and its later results are ignored',
  async t => {
    const said: string[] = []
    const points = new Points('stuck', line => said.push(line))
    const { promise, resolve } = Promise.withResolvers<undefined>()
    await points.check('first', () => Promise.resolve())
    const hanging = points.check('second', () => promise)
    await t.rejects(bounded(hanging, 10, 'suite stuck'), {
      message: 'timed out after 0.01 s: suite stuck'
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
