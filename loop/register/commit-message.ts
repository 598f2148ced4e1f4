import { bound } from '../../common/fault.ts'
import type { CommitFacts } from '../git/trained-commit.ts'
import { registerText } from '../text/bodies.ts'
import type { Registration } from './registry-entry.ts'

/** The trailer by which a registration is found again, whatever happened to the entry since. */
export const registrationTrailer = 'Registration-Id'

/** What a run registers once: its uid in an environment. */
export function registrationId(uid: string, environment: string): string {
  return `${environment}/${uid}`
}

const maxSubject = 72
const maxBodyCharacters = 1_000

/** The message of a commit that registers a model. Text of the trained commit is on one line, as JSON. */
export function registerMessage(
  registration: Registration,
  facts: CommitFacts & { readonly repository: string | undefined },
  isArtifactChecked: boolean
): string {
  const { result, environment, modelDigest, artifactDigest } = registration
  const { run, artifact, commit } = result
  const digest = artifactDigest === undefined ? '' : `@${artifactDigest}`
  const trailers = [
    ['Model', result.model],
    ['Model-Version', result.version],
    ['Model-Commit', commit],
    ['Model-Digest', modelDigest],
    ['Model-Artifact', artifact.uri + digest],
    ['Training-Run', `${run.system}/${run.id}`],
    [registrationTrailer, registrationId(run.uid, environment)],
    ...(facts.repository === undefined
      ? []
      : [['Argocd-reference-commit-repourl', facts.repository]]),
    ['Argocd-reference-commit-author', oneLine(facts.author)],
    ['Argocd-reference-commit-date', facts.date],
    ['Argocd-reference-commit-subject', oneLine(facts.subject)],
    ['Argocd-reference-commit-body', JSON.stringify(bound(facts.body.trim(), maxBodyCharacters))],
    ['Argocd-reference-commit-sha', commit]
  ]
  const checked = isArtifactChecked
    ? 'The artifact was read and has this digest.'
    : 'The artifact was not checked (--no-artifact-check).'
  return `${subjectOf(registration)}

Training run ${run.system}/${run.id} made this model of commit
${commit}.
${checked}

${trailers.map(([name, value]) => `${name}: ${value}\n`).join('')}`
}

/** The subject of the commit and the title of its pull request. */
export function subjectOf({ result, environment }: Registration): string {
  return bound(`Register ${result.model} ${result.version} for ${environment}`, maxSubject)
}

/** The body of the pull request, in Markdown. It ends with the trailer, which a squash merge keeps. */
export function registerBody({ result, environment, modelDigest }: Registration): string {
  const { run, artifact, commit } = result
  return registerText({
    rows: [
      { name: 'model', text: `${result.model} ${result.version}` },
      { name: 'environment', text: environment },
      { name: 'trained commit', text: commit },
      { name: 'model digest', text: modelDigest },
      { name: 'artifact', text: artifact.uri.replaceAll('|', '%7C') },
      { name: 'training run', text: `${run.system}/${run.id}` }
    ],
    trailer: `${registrationTrailer}: ${registrationId(run.uid, environment)}`
  })
}

function oneLine(text: string): string {
  return bound(text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim(), 200)
}
