import { readdirSync } from 'node:fs'
import path from 'node:path'

/** The folder of the manifests that users install. */
export const manifests = path.join(import.meta.dirname, '../../../manifests')

/** Lists the folders in a folder of the manifests, so that no suite misses a new one. */
export function foldersOf(folder: string): readonly string[] {
  return readdirSync(path.join(manifests, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
}
