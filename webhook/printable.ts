import { bound } from '../common/fault.ts'
import type { Finding } from './decision.ts'

const maxCharacters = 500
/** Most texts; nothing of these is replaced. */
const ascii = /^[ -~]*$/

/**
 * Makes text of a malicious author safe for one line of a message: well-formed, bounded, without
 * control characters, and without `map[`: Argo CD deletes everything from there to the last `]` of a
 * message (gitops-engine pkg/utils/kube/kube.go, cleanKubectlOutput).
 */
export function printable(text: string): string {
  if (text.length <= maxCharacters && ascii.test(text) && !text.includes('map[')) return text
  // One more than is kept, so that a cut text still ends with the mark.
  const line = text
    .slice(0, maxCharacters + 1)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu, '�')
  // A cut can split a surrogate pair.
  return bound(line.replaceAll('map[', 'map ['), maxCharacters).toWellFormed()
}

/** Makes every text of a finding {@link printable}. */
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
