import { findModule, modulesPeer, moduleVersions } from '../peers/modules.ts'
import type { ModuleName } from '../peers/modules.ts'
import { peersFolder } from '../peers/peer.ts'

/**
 * The folder of a project's module.
 *
 * @throws {Error} where `npm run peers` has not put it there
 */
export function moduleFolder(name: ModuleName): string {
  const version = moduleVersions[name]
  const folder = findModule(peersFolder(process.env), version)
  if (folder === undefined) {
    throw new Error(`${version} is not there: npm run peers -- ${modulesPeer}`)
  }
  return folder
}
