import { spawnSync } from 'node:child_process'
import { buildPeer, removeLeftovers } from '../test/e2e/peers/build.ts'
import { goToolchain, peers, peersFolder } from '../test/e2e/peers/peer.ts'
import type { Peer } from '../test/e2e/peers/peer.ts'
import { readStamp, writeStamp } from '../test/e2e/peers/stamp.ts'
import { suites } from '../test/e2e/suites.ts'

const usage = `Usage: npm run peers [-- NAME...]

Builds the programs that the end-to-end suites run against into $XDG_CACHE_HOME/mlgitops/peers.
A program that exists is not built again. Exit code 1 if one is missing at the end.
`

/** Why this machine cannot build a peer; undefined if it can. */
function missingTool({ recipe }: Peer): string | undefined {
  if (recipe.kind === 'debian') {
    if (process.getuid?.() !== 0) return 'installing it from Debian needs root'
    return isInstalled('apt-get', '--version') ? undefined : 'this machine has no apt-get'
  }
  return isInstalled('go', 'version') ? undefined : 'this machine has no Go'
}

function isInstalled(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0
}

/** Builds one peer if needed and reports it. Returns whether it exists. */
async function provide(peer: Peer, folder: string): Promise<boolean> {
  const stamp = readStamp(folder, peer)
  if (stamp !== undefined) {
    say(`${peer.name} ${stamp.version}: exists (built in ${stamp.seconds} s)`)
    return true
  }
  const missing = missingTool(peer)
  if (missing !== undefined) return refuse(peer, missing)
  say(`${title(peer)}: building ...`)
  const startedMs = Date.now()
  const built = await buildPeer(peer, folder)
  const seconds = Math.round((Date.now() - startedMs) / 1_000)
  if (built.kind === 'failed') return refuse(peer, built.reason)
  writeStamp(folder, peer, { version: built.version, seconds })
  say(`${peer.name} ${built.version}: built in ${seconds} s`)
  return true
}

function refuse(peer: Peer, reason: string): false {
  const off = suites.filter(({ needs }) => needs.includes(peer.name)).map(({ name }) => name)
  const switched = off.length === 0 ? '' : `; suites that need it are skipped: ${off.join(', ')}`
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
    process.stderr.write(`unknown peer ${unknown.join(', ')}\n${usage}`)
    return 2
  }
  const folder = peersFolder(process.env)
  removeLeftovers(folder, Date.now())
  say(`Peers in ${folder}, built with ${goToolchain}, one at a time`)
  const wanted = names.length === 0 ? peers : peers.filter(({ name }) => names.includes(name))
  let existing = 0
  for (const peer of wanted) if (await provide(peer, folder)) existing += 1
  say(`${existing} of ${wanted.length} peers exist`)
  return existing === wanted.length ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
