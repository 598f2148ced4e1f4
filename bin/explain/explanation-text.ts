import type { ExplainedSource } from '../../plugin/explain-model.ts'
import type { ExplainedRun } from './explain-runs.ts'
import type { Explanation } from './explanation.ts'

/** Prints an explanation for people. `isJudged`: policies were given. */
export function explanationText(
  explanation: Explanation,
  { isJudged }: { readonly isJudged: boolean }
): string {
  const { gitCommit, modelCommit, modelCommitReason, modelDigest, notAttested } = explanation
  const { sources, values, audit, runs, warnings, denials } = explanation
  const lines = [
    `gitCommit    ${gitCommit}`,
    `modelCommit  ${modelCommit ?? 'not known'}: ${modelCommitReason}`,
    `modelDigest  ${modelDigest}`,
    ...(notAttested === null ? [] : [`not attested: ${notAttested}`]),
    ...section('sources', sources.map(sourceLine)),
    ...section('values of the model', values),
    '',
    audit === null
      ? 'bias audit: none'
      : `bias audit: ${audit.file} ${audit.holds ? 'holds' : 'does not hold'}`,
    ...(audit === null ? [] : [`  ${audit.reason}`]),
    ...section('images and models', runs.map(runLine)),
    ...section('warnings', warnings),
    ...(isJudged ? deniedLines(denials) : [])
  ]
  return `${lines.join('\n')}\n`
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map(line => `  ${line}`)]
}

function sourceLine({ pattern, files, lastChange }: ExplainedSource): string {
  const count = files === 1 ? '1 file' : `${files} files`
  const change =
    lastChange === null
      ? 'last change not known'
      : `last change ${lastChange.commit.slice(0, 7)} of ${lastChange.date.slice(0, 10)}`
  return `${pattern}: ${count}, ${change}`
}

function runLine(run: ExplainedRun): string {
  const text = 'image' in run ? run.image : run.uri
  const pin = run.pinnedBy === null ? 'not pinned' : `pinned by ${run.pinnedBy}`
  return `${run.object} ${run.field}: ${text}, ${pin}`
}

function deniedLines(denials: Explanation['denials']): readonly string[] {
  if (denials.length === 0) return ['', 'denied by no policy']
  return section(
    'denials',
    denials.map(({ policy, rule, object, reason }) => `${object}: ${policy} (${rule}): ${reason}`)
  )
}
