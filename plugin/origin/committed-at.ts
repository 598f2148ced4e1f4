import type { Checkout } from './checkout.ts'
import { runGit } from './git.ts'

/** The committer date of a commit: RFC 3339, in UTC; undefined where the repository lacks the commit. */
export async function committedAt({
  root,
  settings,
  commit
}: Checkout): Promise<string | undefined> {
  const answer = await runGit(root, [...settings, 'cat-file', 'commit', commit])
  if (answer.kind === 'failed') return undefined
  const [, seconds] = /^committer .*> (\d+) [-+]\d+$/m.exec(answer.text) ?? []
  return asTime(seconds)
}

/** Seconds since 1970 as RFC 3339, in UTC; undefined for anything else, and after the year 5000. */
export function asTime(seconds: string | undefined): string | undefined {
  if (seconds === undefined || !/^\d{1,11}$/.test(seconds)) return undefined
  return new Date(Number(seconds) * 1_000).toISOString().replace('.000Z', 'Z')
}
