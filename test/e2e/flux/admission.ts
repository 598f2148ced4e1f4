import assert from 'node:assert/strict'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const services = '/apis/serving.kserve.io/v1beta1/namespaces'

/** The example's releases unchanged, with the webhook and the ready-made policies before production. */
export async function proveAdmission(bench: Bench, points: Points): Promise<void> {
  const origin = await bench.fetched()
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
      assert.ok(text.includes(`s3://models-bucket/churn/${commit}/model.pkl`), text)
      assert.ok(text.includes('"mlgitops.io/attestation":'), text)
    }
  )
  await points.check('the Kustomization has the whole denial of the webhook', async () => {
    const message = await production.untilFailed('Kustomization', 'ReconciliationFailed')
    assert.match(message, /admission webhook "[^"]+" denied the request: /)
    assert.match(message, /the bias audit does not cover the model's commit/)
    assert.ok(message.includes(commit), message)
    assert.ok(
      message.includes('the digest that mlgitops digest --flux models/churn-prediction prints'),
      message
    )
    // Flux dry-runs all objects before it writes one, so the allowed ones are not applied either.
    assert.equal((await service('ml-production')).status, 404)
    assert.equal((await bench.client.get(entry('ml-production'))).status, 404)
    // Only the Kustomization fails: the artifact is published.
    await production.untilReady('ModelRelease')
    const event = await bench.events.until('Kustomization', production.name, /bias audit/)
    assert.equal(event.severity, 'error')
  })
}
