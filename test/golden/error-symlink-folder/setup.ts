import { symlinkSync } from 'node:fs'
import path from 'node:path'

/** A folder that is reached through a link. */
export function setup(folder: string): void {
  symlinkSync('elsewhere', path.join(folder, 'configs'))
}
