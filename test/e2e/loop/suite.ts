import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { RemoteBranch } from '../../../loop/git/remote-branch.ts'
import { register } from '../../../loop/register/register.ts'
import type { Registered } from '../../../loop/register/register.ts'
import { readTrainingResult } from '../../../loop/register/training-result.ts'
import { serveGit } from '../../loop/http-backend.ts'
import { Remote } from '../../loop/remote.ts'
import type { Machine } from '../rig/machine.ts'
import type { Points } from '../rig/points.ts'
import type { Suite } from '../rig/suite.ts'

const program = path.join(import.meta.dirname, '../../../bin/mlgitops.js')
const modelDigest = `sha256:${'a'.repeat(64)}`

/** Registrations behind Git's own HTTP server: many, at once, and killed at any moment. */
export const loop: Suite = async ({ machine, points }) => {
  const { remote, address } = await served(machine)
  await proveMany({ remote, address, points }, 25)
  await proveCrowd(remote, address, points)
  await proveKills(remote, address, points)
}

/** 1,000 registrations, which take a busy machine more than ten minutes. */
export const registrations: Suite = async ({ machine, points }) => {
  const { remote, address } = await served(machine)
  await proveMany({ remote, address, points }, 250)
}

async function served(machine: Machine): Promise<{ remote: Remote; address: string }> {
  const remote = remoteOf(machine)
  const server = await serveGit(remote.folder)
  machine.atEnd(() => server.close())
  return { remote, address: `${server.url}/bare.git` }
}

function remoteOf(machine: Machine): Remote {
  return new Remote({
    teardown: action => {
      machine.atEnd(action)
    }
  })
}

/** Registers `each` runs by each of `writers`, and returns what each registration said. */
async function registerAll(
  remote: Remote,
  url: string,
  {
    name,
    writers,
    each
  }: { readonly name: string; readonly writers: number; readonly each: number }
): Promise<readonly Registered[]> {
  const registered = Array.from({ length: writers }, async (_, writer) => {
    const branch = await RemoteBranch.open({
      remote: { url, name: 'bare.git' },
      branch: 'main',
      filter: 'tree:0'
    })
    const said: Registered[] = []
    for (let run = 0; run < each; run++) {
      said.push(await registerOne(branch, remote, `${name}-${writer}-${run}`))
    }
    await branch.close()
    return said
  })
  return (await Promise.all(registered)).flat()
}

function registerOne(branch: RemoteBranch, remote: Remote, uid: string): Promise<Registered> {
  const [model = ''] = uid.split(/-\d+$/)
  const result = remote.result({ model, modelDigest, run: { system: 'e2e', id: uid, uid } })
  const request = {
    result: readTrainingResult(JSON.stringify(result), 'result.json'),
    environment: 'staging',
    branchName: 'main',
    isPullRequest: false,
    assignments: [],
    author: { name: 'Rig', mail: 'rig@example.com' },
    signingKey: undefined,
    allowedParameters: undefined,
    isArtifactChecked: true,
    path: undefined,
    repository: undefined
  }
  return register(branch, request, () => Promise.reject(new Error('the result has a digest')))
}

/** The uids of all registrations in the history, sorted. */
function registeredUids(remote: Remote, name: string): readonly string[] {
  const format = '--format=%(trailers:key=Registration-Id,valueonly,separator=%x2C)'
  return remote
    .inBare('log', format, 'main')
    .split('\n')
    .map(line => line.replace('staging/', ''))
    .filter(uid => uid.startsWith(`${name}-`))
    .sort()
}

function uidsOf(name: string, writers: number, each: number): readonly string[] {
  return Array.from({ length: writers }, (_, writer) =>
    Array.from({ length: each }, (_, run) => `${name}-${writer}-${run}`)
  )
    .flat()
    .sort()
}

async function proveMany(
  { remote, address, points }: { remote: Remote; address: string; points: Points },
  each: number
): Promise<void> {
  await points.check(`${4 * each} registrations by four writers are all there, once`, async () => {
    const said = await registerAll(remote, address, { name: 'many', writers: 4, each })
    assert.equal(said.filter(({ pushed }) => pushed).length, 4 * each)
    assert.deepEqual(registeredUids(remote, 'many'), uidsOf('many', 4, each))
    assert.equal(remote.inBare('rev-list', '--merges', '--count', 'main'), '0')
  })
}

async function proveCrowd(remote: Remote, url: string, points: Points): Promise<void> {
  await points.check('none of 32 writers at once starves', async () => {
    await registerAll(remote, url, { name: 'crowd', writers: 32, each: 1 })
    assert.deepEqual(registeredUids(remote, 'crowd'), uidsOf('crowd', 32, 1))
  })
}

async function proveKills(remote: Remote, url: string, points: Points): Promise<void> {
  const kills = 24
  await points.check('a killed register is repeated: nothing twice, nothing lost', async () => {
    const uids = Array.from({ length: kills }, (_, kill) => `killed-${kill}-0`)
    // From the first call of git to the last: a register takes less than a second here, more on a busy machine.
    const delays = uids.map((_, kill) => 100 + kill * 60)
    for (const [kill, uid] of uids.entries()) {
      const file = remote.resultFile(
        { model: 'killed', modelDigest, run: { system: 'e2e', id: uid, uid } },
        'killed.json'
      )
      await killed(remote, [file, url], delays[kill] ?? 0)
      const again = await runProgram(remote, [file, url])
      assert.equal(again.exitCode, 0)
    }
    assert.deepEqual(registeredUids(remote, 'killed'), uids.toSorted())
  })
}

function start(remote: Remote, [file, url]: readonly [string, string]) {
  const args = ['register', '--result', file, '--repo', url, '--environment', 'staging']
  return spawn(process.execPath, [program, ...args], { cwd: remote.folder, stdio: 'ignore' })
}

async function runProgram(
  remote: Remote,
  call: readonly [string, string]
): Promise<{ readonly exitCode: number | null }> {
  const [exitCode] = (await once(start(remote, call), 'exit')) as [number | null]
  return { exitCode }
}

/** Starts a registration and kills it, unless it ends before. */
async function killed(
  remote: Remote,
  call: readonly [string, string],
  afterMs: number
): Promise<void> {
  const child = start(remote, call)
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
  await once(child, 'exit')
  clearTimeout(timer)
}
