import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { guarded } from './system-fault.ts'

/**
 * Calls `use` with a new temporary folder, and removes the folder afterwards.
 *
 * @param parent the folder for the copy: under Argo CD the one that cmp-server removes even after it kills
 *   this process; by default the system's temporary folder
 * @throws {Fault} `FILE_UNREADABLE` if the system refuses, and as `use` does
 */
export async function withWorkFolder<Result>(
  parent: string | undefined,
  use: (folder: string) => Promise<Result>
): Promise<Result> {
  const folder = guarded(
    'the temporary folder',
    () => mkdtempSync(path.join(parent ?? tmpdir(), '.mlgitops-')),
    'cannot be created'
  )
  try {
    return await use(folder)
  } finally {
    guarded(
      'the temporary folder',
      () => {
        rmSync(folder, { recursive: true, force: true })
      },
      'cannot be removed'
    )
  }
}

/** Writes files into a folder, by their paths in it. @throws {Fault} `FILE_UNREADABLE` */
export function writeCopy(
  folder: string,
  files: ReadonlyMap<string, string | Buffer>,
  nameOf: (file: string) => string
): void {
  for (const [file, content] of files) {
    guarded(
      nameOf(file),
      () => {
        mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
        writeFileSync(path.join(folder, file), content)
      },
      'cannot be copied'
    )
  }
}
