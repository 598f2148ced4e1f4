import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import type { RenderFacts } from '../../../evidence/attestation/statement.ts'
import { digestSpec } from '../../../evidence/workload/spec-digest.ts'
import { attested, facts, job } from '../attested.ts'
import { fix, judge } from '../judged.ts'

const provenance = { provenance: {} }
const spec = { artifactPath: 's3://models/churn/1.10', metrics: { precision: 0.93 } }
const uris = ['spec.artifactPath']

/** An entry of a registry with a signed statement about its spec. */
function entry(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  more: Partial<RenderFacts> = {}
): JsonObject {
  const object = { apiVersion, kind, metadata: { ...job.metadata, name: 'churn' }, spec }
  const [group = ''] = apiVersion.split('/')
  return attested(object, {
    ...facts,
    object: { group, kind, namespace: 'ml', name: 'churn' },
    images: [],
    models: [spec.artifactPath],
    registry: { spec: { sha256: digestSpec(object) }, uris },
    ...more
  })
}

const ours = { apiVersion: 'mlgitops.io/v1alpha1', kind: 'RegisteredModel' }
const theirs = { apiVersion: 'ml.example.com/v1', kind: 'ModelVersion' }

t.test('The whole spec of a registry entry is attested', t => {
  for (const kind of [ours, theirs]) {
    const signed = entry(kind)
    t.same(judge(provenance, signed), [])
    const changes: readonly JsonObject[] = [
      { ...spec, artifactPath: 's3://models/churn/6.6.6' },
      { ...spec, metrics: { precision: 0.99 } },
      { ...spec, stage: 'production' },
      {}
    ]
    for (const changed of changes) {
      t.same(judge(provenance, { ...signed, spec: changed }), [
        `spec: the spec differs from what was attested; ${fix}`
      ])
    }
    const object = { group: kind.apiVersion.split('/')[0] ?? '', kind: kind.kind }
    const without = attested(
      { ...kind, metadata: { ...job.metadata, name: 'churn' }, spec },
      { ...facts, object: { ...object, namespace: 'ml', name: 'churn' } }
    )
    t.same(judge(provenance, without), [`spec: the spec was not attested; ${fix}`])
  }
  t.end()
})
