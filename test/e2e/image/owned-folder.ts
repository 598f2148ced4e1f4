import { chownSync, globSync, lchownSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Machine } from '../rig/machine.ts'

/** The user of the image. */
const user = 999

/** Creates a folder that the image's user owns, like a volume of a pod with `fsGroup`. */
export function ownedFolder(machine: Machine, name: string): string {
  const folder = path.join(machine.folder, name)
  mkdirSync(folder, { recursive: true })
  chownSync(folder, user, user)
  return folder
}

/** Makes the image's user the owner of a folder and its contents. */
export function giveAway(folder: string): void {
  const inside = ['**/*', '**/.*', '.git/**/*'].flatMap(cwd => globSync(cwd, { cwd: folder }))
  for (const name of ['', ...inside]) lchownSync(path.join(folder, name), user, user)
}
