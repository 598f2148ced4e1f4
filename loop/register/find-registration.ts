import type { RemoteBranch } from '../git/remote-branch.ts'
import { readEntry, specText } from '../registry/entry.ts'
import { registrationTrailer } from './commit-message.ts'

/**
 * Finds the commit that registered a run, in the whole history: a newer entry may have replaced what it wrote, and
 * a revert may have removed it.
 *
 * @param searched a commit whose history does not have it
 * @returns its id; undefined if there is none
 */
export async function findRegistration(
  branch: RemoteBranch,
  id: string,
  searched?: string
): Promise<string | undefined> {
  if (searched === branch.head) return undefined
  const trailer = `${registrationTrailer}: ${id}`
  const output = await branch.text(
    'log',
    '--format=%H%x00%B%x00',
    '--fixed-strings',
    `--grep=${trailer}`,
    searched === undefined ? branch.head : `${searched}..${branch.head}`
  )
  const parts = output.split('\0')
  for (let index = 0; index + 1 < parts.length; index += 2) {
    // A line that only begins like the trailer is of another run.
    if ((parts[index + 1] ?? '').split('\n').includes(trailer)) return parts[index]?.trim()
  }
  return undefined
}

/** Whether the entry is that of a run. A squash merge may have lost the trailer of its commit. */
export function isEntryOf(entry: Buffer | undefined, uid: string): boolean {
  if (entry === undefined) return false
  try {
    return specText(readEntry(entry, 'entry'), 'run', 'uid') === uid
  } catch {
    // People may have broken the file; the next registration replaces it.
    return false
  }
}
