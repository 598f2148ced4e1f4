import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findModule } from './modules.ts'
import { goToolchain } from './peer.ts'
import type { Peer } from './peer.ts'

interface Stamp {
  readonly version: string
  readonly recipe: string
  readonly seconds: number
}

/** Names a recipe with everything that decides what comes out of it. */
export function recipeDigest(peer: Peer): string {
  const hash = createHash('sha256').update(JSON.stringify([peer, goToolchain]))
  if (peer.recipe.kind === 'module') {
    for (const file of ['go.mod', 'go.sum']) {
      hash.update(readFileSync(path.join(import.meta.dirname, peer.recipe.folder, file)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

/** What an earlier build left, where it was built by this very recipe. */
export function readStamp(folder: string, peer: Peer): Stamp | undefined {
  const file = stampPath(folder, peer)
  if (!existsSync(file) || !existsSync(path.join(folder, peer.name))) return undefined
  const { recipe } = peer
  // Go's own cache may have been cleaned.
  if (recipe.kind === 'modules' && !recipe.modules.every(each => findModule(folder, each))) {
    return undefined
  }
  const stamp = JSON.parse(readFileSync(file, 'utf8')) as Stamp
  return stamp.recipe === recipeDigest(peer) ? stamp : undefined
}

/** Written when the program stands. */
export function writeStamp(folder: string, peer: Peer, made: Omit<Stamp, 'recipe'>): void {
  const stamp: Stamp = { ...made, recipe: recipeDigest(peer) }
  writeFileSync(stampPath(folder, peer), `${JSON.stringify(stamp)}\n`)
}

function stampPath(folder: string, peer: Peer): string {
  return path.join(folder, `${peer.name}.json`)
}
