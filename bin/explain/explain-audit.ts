import type { RenderFacts } from '../../evidence/attestation/statement.ts'
import { coversModel } from '../../evidence/bias-audit/cover.ts'
import type { ExplainedModel, ExplainedObject } from '../../plugin/explain-model.ts'
import { describeFinding } from '../../webhook/decision.ts'
import type { Finding } from '../../webhook/decision.ts'
import { coverFindings } from '../../webhook/rule/audit-cover.ts'
import { judgeBiasAudit } from '../../webhook/rule/bias-audit.ts'
import { subjectOfManifest } from '../../webhook/subject/subject.ts'

/** What the bias audit of a model covers. */
export interface ExplainedAudit {
  /** Relative to the application path. */
  readonly file: string
  /** `sources` if it names this content of the model, `artifacts` if it covers all that serves. */
  readonly covers: readonly ('artifacts' | 'sources')[]
  /** Whether rule `biasAudit` without options accepts every object. */
  readonly holds: boolean
  readonly reason: string
}

type AttestedObject = ExplainedObject & { readonly facts: RenderFacts }

/** Judges the audit of a render by rule `biasAudit`; null if the render has none. */
export function explainAudit(
  { rendered, objects }: ExplainedModel,
  now: Date
): ExplainedAudit | null {
  const { evidence, context } = rendered
  const { biasAudit, files } = evidence
  const [file] = files
  if (biasAudit === undefined) return file === undefined ? null : plainAudit(file.path)
  const attested = objects.filter((each): each is AttestedObject => each.facts !== undefined)
  const covers = [
    ...(coversArtifacts(attested) ? (['artifacts'] as const) : []),
    ...(coversModel(biasAudit, sourceOf(context)) ? (['sources'] as const) : [])
  ]
  const refused = attested.flatMap(each =>
    judge(each, now).map(finding => ({ name: each.name, finding }))
  )
  const [first] = refused
  const { name, version } = biasAudit.model
  const holds = attested.length > 0 ? first === undefined : covers.includes('sources')
  const reason =
    first === undefined
      ? `${name} ${version} of ${biasAudit.date} covers ${listed(covers)}`
      : `${first.name}: ${describeFinding(first.finding)}`
  return { file: file?.path ?? '', covers, holds, reason }
}

function plainAudit(file: string): ExplainedAudit {
  return {
    file,
    covers: [],
    holds: false,
    reason: 'it is plain text, which has no figures to judge'
  }
}

function sourceOf({ modelCommit, modelDigest }: ExplainedModel['rendered']['context']) {
  return { modelDigest, ...(modelCommit === undefined ? {} : { modelCommit }) }
}

function listed(covers: ExplainedAudit['covers']): string {
  return covers.length === 0 ? 'nothing of this render' : covers.join(' and ')
}

function judge({ object, facts }: AttestedObject, now: Date): readonly Finding[] {
  const attestation = { kind: 'verified', keyId: '', version: 'v1alpha2', facts } as const
  const subject = subjectOfManifest(object)
  return judgeBiasAudit({}, { subject, attestation, now, celAnswers: new Map() })
}

/** Whether something serves or is registered, and all of it is covered. */
function coversArtifacts(attested: readonly AttestedObject[]): boolean {
  const named = attested
    .filter(({ facts }) => facts.images.length + facts.models.length > 0)
    .map(each => ({ ...each, subject: subjectOfManifest(each.object) }))
    .filter(({ subject }) => !['train', 'pipeline'].includes(subject.workload?.role ?? ''))
  return (
    named.length > 0 &&
    named.every(({ facts, subject }) => {
      const { biasAudit } = facts
      if (biasAudit === undefined) return false
      return (
        coverFindings({ covers: ['artifacts'] }, { audit: biasAudit, facts }, subject).length === 0
      )
    })
  )
}
