import { spawn } from 'node:child_process'
import {
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { goToolchain } from './peer.ts'
import type { Peer, Recipe } from './peer.ts'

/** How it went: the version that stands, or why there is none. */
export type Built =
  | { readonly kind: 'built'; readonly version: string }
  | { readonly kind: 'failed'; readonly reason: string }

const downloadAttempts = 5
const downloadPauseMs = 5_000
/** One of the objects that `go mod download -json` prints. */
const downloaded = /"Path": "(.*)",\n\t"Version": "(.*)",\n(?:\t.*\n)*?\t"Dir": "(.*)"/g

/** No build takes so long. */
const leftoverMs = 6 * 3_600_000

interface Ran {
  readonly code: number | null
  readonly said: string
}

/**
 * Makes a peer and puts it into `folder` at once, whole: whoever reads the folder meanwhile finds the old
 * one or the new one.
 */
export async function buildPeer(peer: Peer, folder: string): Promise<Built> {
  mkdirSync(folder, { recursive: true })
  const work = mkdtempSync(path.join(folder, '.build-'))
  try {
    switch (peer.recipe.kind) {
      case 'debian':
        return await unpackDebian(peer, peer.recipe, { folder, work })
      case 'modules':
        return await download(peer, peer.recipe, { folder, work })
      case 'module':
      case 'install':
        return await compile(peer, peer.recipe, { folder, work })
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Removes folders that killed builds left; those of a running build are younger. */
export function removeLeftovers(folder: string, nowMs: number): void {
  for (const name of globSync('.build-*', { cwd: folder })) {
    const left = path.join(folder, name)
    if (nowMs - statSync(left).mtimeMs > leftoverMs) rmSync(left, { recursive: true, force: true })
  }
}

/** Modules stay in Go's cache; the file has their folders. */
async function download(
  peer: Peer,
  { modules }: Extract<Recipe, { kind: 'modules' }>,
  { folder, work }: Folders
): Promise<Built> {
  const env = { ...process.env, GOTOOLCHAIN: goToolchain, GOFLAGS: '', GOWORK: 'off' }
  const found: Record<string, string> = {}
  let said = ''
  // The proxy of modules is somebody else's, and may be busy.
  for (let attempt = 0; attempt < downloadAttempts; attempt += 1) {
    const missing = modules.filter(each => found[each] === undefined)
    if (missing.length === 0) break
    if (attempt > 0) await sleep(downloadPauseMs)
    said = (await run('go', ['mod', 'download', '-json', ...missing], { cwd: work, env })).said
    for (const [, Path = '', Version = '', Dir = ''] of said.matchAll(downloaded)) {
      found[`${Path}@${Version}`] = Dir
    }
  }
  const missing = modules.filter(each => found[each] === undefined)
  if (missing.length > 0) {
    return { kind: 'failed', reason: `not to be had: ${missing.join(', ')}\n${lastLines(said)}` }
  }
  writeFileSync(path.join(work, peer.name), JSON.stringify(found))
  renameSync(path.join(work, peer.name), path.join(folder, peer.name))
  return { kind: 'built', version: `${modules.length} of them` }
}

interface Folders {
  readonly folder: string
  readonly work: string
}

type Compiled = Extract<Recipe, { kind: 'module' | 'install' }>

async function compile(peer: Peer, recipe: Compiled, { folder, work }: Folders): Promise<Built> {
  const flags = ['-trimpath', `-ldflags=${recipe.ldflags ?? '-s -w'}`]
  const isModule = recipe.kind === 'module'
  const args = isModule
    ? ['build', ...flags, '-mod=readonly', '-o', path.join(work, peer.name), recipe.command]
    : ['install', ...flags, `${recipe.command}@${peer.version}`]
  const ran = await run('go', args, {
    cwd: isModule ? path.join(import.meta.dirname, recipe.folder) : work,
    env: {
      ...process.env,
      GOTOOLCHAIN: goToolchain,
      GOBIN: work,
      GOWORK: 'off',
      GOFLAGS: '',
      CGO_ENABLED: '0'
    }
  })
  if (ran.code !== 0) return { kind: 'failed', reason: lastLines(ran.said) }
  renameSync(path.join(work, path.basename(programOf(recipe, peer))), path.join(folder, peer.name))
  return { kind: 'built', version: peer.version }
}

/** `go install` names the program by the last part of its path that is no major version. */
function programOf(recipe: Compiled, peer: Peer): string {
  return recipe.kind === 'module' ? peer.name : recipe.command.replace(/\/v\d+$/, '')
}

async function unpackDebian(
  peer: Peer,
  { packages, program }: Extract<Recipe, { kind: 'debian' }>,
  { folder, work }: Folders
): Promise<Built> {
  let ran = await run('apt-get', ['download', '-q', ...packages], { cwd: work })
  if (ran.code !== 0) {
    // A new machine has no lists of packages yet.
    await run('apt-get', ['update', '-q'], { cwd: work })
    ran = await run('apt-get', ['download', '-q', ...packages], { cwd: work })
  }
  if (ran.code !== 0) return { kind: 'failed', reason: lastLines(ran.said) }
  for (const file of globSync('*.deb', { cwd: work })) {
    const unpacked = await run('dpkg-deb', ['-x', file, 'root'], { cwd: work })
    if (unpacked.code !== 0) return { kind: 'failed', reason: lastLines(unpacked.said) }
  }
  mkdirSync(path.join(folder, 'lib'), { recursive: true })
  for (const library of globSync('root/usr/lib/*/*.so.*', { cwd: work })) {
    const name = path.basename(library)
    copyFileSync(path.join(work, path.dirname(library), name), path.join(folder, 'lib', name))
  }
  const [first] = globSync(`${packages[0] ?? ''}_*.deb`, { cwd: work })
  renameSync(path.join(work, 'root', program), path.join(folder, peer.name))
  return { kind: 'built', version: decodeURIComponent(first?.split('_')[1] ?? '') }
}

/** Runs with the lowest priority: a build of minutes must leave the machine usable. */
function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv }
): Promise<Ran> {
  return new Promise(resolve => {
    const child = spawn('nice', ['-n', '10', command, ...args], {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let said = ''
    const add = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000))
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.on('error', error => {
      resolve({ code: null, said: error.message })
    })
    child.on('close', code => {
      resolve({ code, said })
    })
  })
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-4).join('\n')
}
