import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Test } from 'tap'
import { run } from '../../../bin/run.ts'

/** Which columns are what, up to the sensitive ones. */
export const asked = ['--label', 'y', '--prediction', 'p', '--sensitive']

/** `mlgitops audit` on a file of this text. */
export async function audit(
  t: Pick<Test, 'testdir'>,
  text: string | Buffer,
  sensitive: string,
  more: readonly string[] = []
) {
  const folder = t.testdir()
  writeFileSync(path.join(folder, 'data.csv'), text)
  const args = ['audit', 'data.csv', ...asked, sensitive, '--date', '2026-11-24', ...more]
  const result = await run({ args, env: {}, folder })
  return { ...result, folder }
}
