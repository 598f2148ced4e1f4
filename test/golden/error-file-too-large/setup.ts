import { writeFileSync } from 'node:fs'
import path from 'node:path'

/** Nine megabytes of a comment. */
export function setup(folder: string): void {
  writeFileSync(path.join(folder, 'app/x.yaml'), `#${'x'.repeat(9 * 1024 * 1024)}\n`)
}
