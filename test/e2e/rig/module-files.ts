import { findModule, modulesPeer, moduleVersions } from '../peers/modules.ts'
import type { ModuleName } from '../peers/modules.ts'
import { peersFolder } from '../peers/peer.ts'

/**
 * Returns the folder of a project's Go module.
 *
 * @throws {Error} if `npm run peers` has not downloaded it
 */
export function moduleFolder(name: ModuleName): string {
  const version = moduleVersions[name]
  const folder = findModule(peersFolder(process.env), version)
  if (folder === undefined) {
    throw new Error(`${version} not found; run npm run peers -- ${modulesPeer}`)
  }
  return folder
}
