import { Fault, bound } from '../../common/fault.ts'

/** A full commit ID, SHA-1 or SHA-256. */
export const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/**
 * Checks a given commit.
 *
 * @throws {Fault} `REVISION_INVALID` for anything but a full commit ID: a branch can move
 */
export function readCommit(text: string, where: string): string {
  if (commitPattern.test(text)) return text
  throw new Fault('REVISION_INVALID', 'not a full commit ID', {
    where,
    found: JSON.stringify(bound(text, 80)),
    expected: '40 lowercase hexadecimal digits',
    remedy: 'git rev-parse HEAD prints it.'
  })
}
