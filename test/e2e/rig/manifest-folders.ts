import { readdirSync } from 'node:fs'
import path from 'node:path'

/** What is installed. */
export const manifests = path.join(import.meta.dirname, '../../../manifests')

/** The names of the folders below one of the manifests: what is added there cannot be forgotten. */
export function foldersOf(folder: string): readonly string[] {
  return readdirSync(path.join(manifests, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
}
