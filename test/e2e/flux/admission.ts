import assert from 'node:assert/strict'
import type { BiasAudit } from '../../../evidence/bias-audit/bias-audit.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const services = '/apis/serving.kserve.io/v1beta1/namespaces'

const model = 'models/churn-prediction'
const otherDigest = `sha256:${'0'.repeat(64)}`

/** The example's releases, with the webhook and the ready-made policies before production. */
export async function proveAdmission(bench: Bench, points: Points): Promise<void> {
  const { git } = bench.repository
  const audit = git.readAudit(model)
  assert.ok(audit)
  const kept = Object.entries(audit).filter(([key]) => key !== 'modelCommit')
  const ofOther = { ...Object.fromEntries(kept), modelDigest: otherDigest }
  git.writeAudit(model, ofOther as unknown as BiasAudit)
  const origin = await bench.commit('The audit of other files', {})
  const commit = origin.slice(origin.indexOf(':') + 1)
  const staging = bench.known('churn-prediction-staging')
  const production = bench.known('churn-prediction-production')
  const service = (namespace: string) =>
    bench.client.get(`${services}/${namespace}/inferenceservices/churn-prediction`)
  const entry = (namespace: string) =>
    `/apis/mlgitops.io/v1alpha1/namespaces/${namespace}/registeredmodels/churn-prediction`
  await points.check(
    'the staging release of the example is applied, attested, with its commit',
    async () => {
      await bench.example('releases.yaml')
      await staging.untilApplied(origin)
      const { body } = await service('ml-staging')
      const text = JSON.stringify(body)
      assert.ok(text.includes(`"mlgitops.io/git-commit":"${commit}"`), text)
      const digest = (await bench.modelDigest(model)).replace('sha256:', '').slice(0, 12)
      assert.ok(text.includes(`s3://models-bucket/churn/${digest}/model.pkl`), text)
      assert.ok(text.includes('"mlgitops.io/attestation":'), text)
    }
  )
  await points.check('the Kustomization has the whole denial of the webhook', async () => {
    const message = await production.untilFailed('Kustomization', 'ReconciliationFailed')
    assert.match(message, /admission webhook "[^"]+" denied the request: /)
    assert.match(message, /the bias audit does not cover the model's files/)
    assert.ok(message.includes(otherDigest), message)
    assert.ok(message.includes(`the digest that mlgitops digest ${model} prints`), message)
    // Flux dry-runs all objects before it writes one, so the allowed ones are not applied either.
    assert.equal((await service('ml-production')).status, 404)
    assert.equal((await bench.client.get(entry('ml-production'))).status, 404)
    // Only the Kustomization fails: the artifact is published.
    await production.untilReady('ModelRelease')
    const event = await bench.events.until('Kustomization', production.name, /bias audit/)
    assert.equal(event.severity, 'error')
  })
}
