import { writeFileSync } from 'node:fs'
import path from 'node:path'

/** Five million lists in each other. */
export function setup(folder: string): void {
  writeFileSync(path.join(folder, 'app/x.yaml'), `a: ${'['.repeat(5 * 1024 * 1024)}`)
}
