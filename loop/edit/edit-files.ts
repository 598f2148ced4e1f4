import { isUtf8 } from 'node:buffer'
import { Fault } from '../../common/fault.ts'
import type { FileChange } from '../git/make-commit.ts'
import type { Assignment } from './assignment.ts'
import { editText } from './edit-text.ts'
import type { Edited } from './edit-text.ts'

/** Reads a file; undefined if there is none. */
export type ReadBytes = (file: string) => Promise<Buffer | undefined>

/** A field that was set, for the command's output. */
export interface SetField extends Omit<Edited, 'text'> {
  readonly assignment: Assignment
}

/**
 * Sets fields of files. All edits are proved before any file is returned.
 *
 * @returns the files that change
 * @throws {Fault} `FILE_MISSING`, `FILE_ENCODING`, `SET_OUTSIDE`, and as `editText`
 */
export async function editFiles(
  assignments: readonly Assignment[],
  read: ReadBytes,
  report: (field: SetField) => void = () => undefined
): Promise<readonly FileChange[]> {
  const files = new Map<string, { readonly before: string; text: string }>()
  for (const assignment of assignments) {
    const { file } = assignment
    const known = files.get(file) ?? (await readText(file, read))
    const { text, ...field } = editText(known.text, assignment)
    known.text = text
    files.set(file, known)
    report({ assignment, ...field })
  }
  return [...files]
    .filter(([, { before, text }]) => text !== before)
    .map(([path, { text }]) => ({ path, content: Buffer.from(text, 'utf8') }))
}

async function readText(file: string, read: ReadBytes): Promise<{ before: string; text: string }> {
  const bytes = await read(file)
  if (bytes === undefined) throw new Fault('FILE_MISSING', 'there is no such file', { where: file })
  if (!isUtf8(bytes)) throw new Fault('FILE_ENCODING', 'the file is not UTF-8', { where: file })
  const text = bytes.toString('utf8')
  return { before: text, text }
}

/**
 * A path from the root of the repository, which stays inside of it.
 *
 * @throws {Fault} `SET_OUTSIDE`
 */
export function requireInside(file: string): string {
  const steps = file.split('/')
  const isInside = steps.every(step => step !== '' && step !== '..' && step !== '.')
  const isPlain = steps.every(step => step.toLowerCase() !== '.git') && !/\p{Cc}/u.test(file)
  if (isInside && isPlain) return file
  throw new Fault('SET_OUTSIDE', 'the file is not one of the repository', {
    where: file,
    expected: 'a path from its root, such as models/churn/values.yaml'
  })
}
