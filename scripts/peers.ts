import { spawnSync } from 'node:child_process'
import { buildPeer, removeLeftovers } from '../test/e2e/peers/build.ts'
import { goToolchain, peers, peersFolder } from '../test/e2e/peers/peer.ts'
import type { Peer } from '../test/e2e/peers/peer.ts'
import { readStamp, writeStamp } from '../test/e2e/peers/stamp.ts'
import { suites } from '../test/e2e/suites.ts'

const usage = `Usage: npm run peers [-- NAME...]

Builds what the end-to-end suites run against, each once, into $XDG_CACHE_HOME/mlgitops/peers.
Exit code 1 where one of them could not be had.
`

/** Why a peer cannot be made on this machine, before it is tried. */
function missingTool({ recipe }: Peer): string | undefined {
  if (recipe.kind === 'debian') {
    if (process.getuid?.() !== 0) return 'it is taken from Debian as root only'
    return isThere('apt-get', '--version') ? undefined : 'this machine has no apt-get'
  }
  return isThere('go', 'version') ? undefined : 'this machine has no Go'
}

function isThere(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0
}

/** One peer: its line of the report, and whether it stands. */
async function provide(peer: Peer, folder: string): Promise<boolean> {
  const stamp = readStamp(folder, peer)
  if (stamp !== undefined) {
    say(`${peer.name} ${stamp.version}: is there (took ${stamp.seconds} s)`)
    return true
  }
  const missing = missingTool(peer)
  if (missing !== undefined) return refuse(peer, missing)
  say(`${title(peer)}: is being made ...`)
  const startedMs = Date.now()
  const built = await buildPeer(peer, folder)
  const seconds = Math.round((Date.now() - startedMs) / 1_000)
  if (built.kind === 'failed') return refuse(peer, built.reason)
  writeStamp(folder, peer, { version: built.version, seconds })
  say(`${peer.name} ${built.version}: made in ${seconds} s`)
  return true
}

function refuse(peer: Peer, reason: string): false {
  const off = suites.filter(({ needs }) => needs.includes(peer.name)).map(({ name }) => name)
  const switched = off.length === 0 ? '' : `; without it these suites are off: ${off.join(', ')}`
  say(`${title(peer)}: MISSING${switched}\n  ${reason.replaceAll('\n', '\n  ')}`)
  return false
}

function title({ name, version }: Peer): string {
  return `${name} ${version}`.trim()
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter(name => !peers.some(peer => peer.name === name))
  if (unknown.length > 0) {
    process.stderr.write(`there is no peer ${unknown.join(', ')}\n${usage}`)
    return 2
  }
  const folder = peersFolder(process.env)
  removeLeftovers(folder, Date.now())
  say(`Peers in ${folder}, built with ${goToolchain}, one at a time`)
  const wanted = names.length === 0 ? peers : peers.filter(({ name }) => names.includes(name))
  let standing = 0
  for (const peer of wanted) if (await provide(peer, folder)) standing += 1
  say(`${standing} of ${wanted.length} peers are there`)
  return standing === wanted.length ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
