import type { JsonObject } from '../../common/json.ts'
import { annotations } from '../../evidence/annotations.ts'
import { inTotoPayloadType, signEnvelope } from '../../evidence/attestation/dsse.ts'
import { generateKeyPair, readSigningKey, readTrustedKey } from '../../evidence/attestation/key.ts'
import { buildStatement, encodeStatement } from '../../evidence/attestation/statement.ts'
import type { RenderFacts } from '../../evidence/attestation/statement.ts'
import { summariseBiasAudit } from '../../evidence/bias-audit/summary.ts'
import { encodeRendered } from '../../evidence/binding/rendered-object.ts'

/** The facts of a statement; {@link attested} adds the object. */
export type SaidFacts = Omit<RenderFacts, 'rendered'>

const pair = generateKeyPair()

/** The key that signs in tests, and the one that is trusted. */
export const signingKey = readSigningKey(pair.privatePem, 'test')
export const trustedKey = readTrustedKey(pair.publicPem, 'test')

export const commit = 'c'.repeat(40)
export const modelCommit = 'd'.repeat(40)
export const modelDigest = `sha256:${'e'.repeat(64)}`

/** An audit of the model at its commit, fair enough for every ready-made policy. */
export const fairAudit = summariseBiasAudit({
  model: { name: 'churn', version: '1.10' },
  modelCommit,
  date: '2026-11-02',
  auditor: { name: 'Fairness Lab', independent: true },
  dataset: { name: 'holdout', rows: 3_900, kind: 'historical' },
  attributes: [
    {
      name: 'age-band',
      groups: [
        { name: 'under-30', n: 1600, selected: 332, tp: 310, fp: 22, fn: 48, tn: 1220 },
        { name: '30-to-55', n: 2300, selected: 489, tp: 455, fp: 34, fn: 80, tn: 1731 }
      ],
      metrics: {
        demographic_parity_difference: 0,
        demographic_parity_ratio: 0,
        equalized_odds_difference: 0,
        equalized_odds_ratio: 0
      }
    }
  ]
})

export const image = `registry.example.com/ml/trainer:${modelCommit}`

/** What a render says of the Job of {@link job}, beside the object itself. */
export const facts: SaidFacts = {
  object: { group: 'batch', kind: 'Job', namespace: 'ml', name: 'train' },
  source: {
    repository: 'https://git.example.com/acme/models.git',
    commit,
    modelCommit,
    modelDigest,
    model: 'churn',
    path: 'models/churn',
    targetRevision: 'main'
  },
  environment: 'production',
  images: [image],
  models: [],
  pins: [],
  opaque: [],
  evidence: [],
  biasAudit: fairAudit
}

/** A training Job that meets every ready-made policy once it is attested. */
export const job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: 'train',
    namespace: 'ml',
    labels: { team: 'ml-platform', 'app.kubernetes.io/part-of': 'models' },
    annotations: { [annotations.gitCommit]: commit, [annotations.modelCommit]: modelCommit }
  },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: 'train',
            image,
            resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } }
          }
        ]
      }
    }
  }
} as const satisfies JsonObject

/** `object` with a signed statement of `said`, which was made for it as it is. */
export function attested(object: JsonObject = job, said: SaidFacts = facts, key = signingKey) {
  const statement = buildStatement({ ...said, rendered: encodeRendered(object) })
  const envelope = signEnvelope(encodeStatement(statement), inTotoPayloadType, key)
  return annotated(object, { [annotations.attestation]: JSON.stringify(envelope) })
}

/** `object` with further annotations; undefined takes one away. */
export function annotated(
  object: JsonObject,
  more: Readonly<Record<string, string | undefined>>
): JsonObject {
  const metadata = object.metadata as JsonObject
  const all = { ...(metadata.annotations as Record<string, string>), ...more }
  const kept = Object.entries(all).filter(entry => entry[1] !== undefined) as [string, string][]
  return { ...object, metadata: { ...metadata, annotations: Object.fromEntries(kept) } }
}
