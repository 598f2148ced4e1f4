import type { Proposal } from './propose.ts'

/** Prints a proposal: title and body in Markdown, or all of it as one line of JSON. */
export function proposalText(
  proposal: Proposal & { readonly title: string; readonly body: string },
  format: string
): string {
  const { branch, commit, pushed, title, body } = proposal
  if (format === 'json') return `${JSON.stringify({ branch, commit, pushed, title, body })}\n`
  return `${title}\n\n${body}\nBranch: \`${branch}\`\n`
}
