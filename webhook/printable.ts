import { bound } from '../common/fault.ts'
import type { Finding } from './decision.ts'

const maxCharacters = 500

/**
 * Text of a hostile author made fit for one line of a message: well-formed, without control
 * characters, bounded, and without `map[`, from which on Argo CD deletes a message up to its last `]`
 * (gitops-engine pkg/utils/kube/kube.go, cleanKubectlOutput).
 */
export function printable(text: string): string {
  // One more than is kept, so that the mark of the cut is still made.
  const line = text
    .slice(0, maxCharacters + 1)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu, '�')
  // A cut may halve a character.
  return bound(line.replaceAll('map[', 'map ['), maxCharacters).toWellFormed()
}

/** A finding whose every text is {@link printable}. */
export function printableFinding<Found extends Finding>(finding: Found): Found {
  const { field, problem, found, allowed, fix } = finding
  return {
    ...finding,
    field: printable(field),
    problem: printable(problem),
    ...(found === undefined ? {} : { found: printable(found) }),
    ...(allowed === undefined ? {} : { allowed: printable(allowed) }),
    ...(fix === undefined ? {} : { fix: printable(fix) })
  }
}
