import { Fault, bound } from '../../common/fault.ts'

/** A full commit id, SHA-1 or SHA-256. */
export const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/**
 * A commit as it was given.
 *
 * @throws {Fault} `REVISION_INVALID` for anything but a full id: a branch names another commit tomorrow
 */
export function readCommit(text: string, where: string): string {
  if (commitPattern.test(text)) return text
  throw new Fault('REVISION_INVALID', 'this is no full commit id', {
    where,
    found: JSON.stringify(bound(text, 80)),
    expected: '40 hexadecimal digits, lower case',
    remedy: 'git rev-parse HEAD prints it.'
  })
}
