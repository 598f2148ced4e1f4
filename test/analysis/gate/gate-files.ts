import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Test } from 'tap'
import { run } from '../../../bin/run.ts'

/** Rows of a file: label, prediction and how often. */
export type Repeated = readonly (readonly [label: string, prediction: string, times: number])[]

/** Writes CSV with the columns y and p. */
export function csvOf(rows: Repeated): string {
  const lines = rows.flatMap(([label, prediction, times]) =>
    Array.from({ length: times }, () => `${label},${prediction}`)
  )
  return `y,p\n${lines.join('\n')}\n`
}

/** Runs `mlgitops gate` in a folder with these files. */
export async function gate(
  t: Test,
  files: Readonly<Record<string, string>>,
  options: string
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-gate-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  return run({ args: ['gate', ...options.split(' ')], env: {}, folder })
}
