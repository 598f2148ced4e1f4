import { writeFileSync } from 'node:fs'
import path from 'node:path'

/** Five megabytes of aliases to a list of a thousand: more than five hundred million nodes. */
export function setup(folder: string): void {
  const list = `a: &a [${'1,'.repeat(1_000)}]\nb:\n`
  const aliases = '  - *a\n'.repeat((5 * 1024 * 1024) / 7)
  writeFileSync(path.join(folder, 'app/x.yaml'), list + aliases)
}
