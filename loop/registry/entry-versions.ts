import { isFault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import type { RemoteBranch } from '../git/remote-branch.ts'
import { readEntry } from './entry.ts'

/** One state of an entry, from the commit that brought it to the branch. */
export interface EntryVersion {
  readonly commit: string
  /** RFC 3339: when the commit was made. */
  readonly time: string
  readonly author: string
  readonly subject: string
  /** Undefined if the commit removed the file, or what people wrote there is no entry. */
  readonly entry: JsonObject | undefined
  /** The bytes of the file. */
  readonly content: Buffer | undefined
}

/**
 * The states of an entry on the branch, newest first. A merge counts once, when it came to the branch.
 *
 * @throws {Fault} `GIT_FAILED`
 */
export async function entryVersions(
  branch: RemoteBranch,
  file: string
): Promise<readonly EntryVersion[]> {
  const output = await branch.text(
    'log',
    '--first-parent',
    '-m',
    '--format=%H%x00%cI%x00%an%x00%s%x00',
    branch.head,
    '--',
    `:(literal)${file}`
  )
  const parts = output.split('\0').map(part => part.trim())
  const versions: EntryVersion[] = []
  for (let index = 0; index + 4 < parts.length; index += 4) {
    const [commit = '', time = '', author = '', subject = ''] = parts.slice(index, index + 4)
    const content = await branch.read(file, commit)
    versions.push({ commit, time, author, subject, content, entry: entryIn(content, file) })
  }
  return versions
}

function entryIn(content: Buffer | undefined, file: string): JsonObject | undefined {
  if (content === undefined) return undefined
  try {
    return readEntry(content, file)
  } catch (error) {
    if (isFault(error)) return undefined
    throw error
  }
}
