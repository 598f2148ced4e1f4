import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { readTrustedKey } from '../../../evidence/attestation/key.ts'
import type { BiasAudit } from '../../../evidence/bias-audit/bias-audit.ts'
import type { Points } from '../rig/points.ts'
import { registryEntry } from './bench.ts'
import type { Bench } from './bench.ts'

const churn = 'models/churn-prediction'

/** Denials and admissions, as kubectl, the audit log and the stored objects show them. */
export async function proveVerdicts(bench: Bench, points: Points): Promise<void> {
  const { repository, namespace } = bench
  const { git } = repository
  const audit = git.readAudit(churn)
  const keyId = readTrustedKey(readFileSync(repository.trustedKey, 'utf8'), 'signing.pub').id
  await points.check(
    'a pipeline without a bias audit is refused, and kubectl shows why',
    async () => {
      const [commit, pipeline] = await pipelineWith(bench, undefined)
      const { name } = pipeline.metadata as { readonly name: string }
      const seen = await bench.kubectl(['create', '-f', '-'], pipeline)
      assert.equal(
        seen.stderr,
        `Error from server (Forbidden): error when creating "STDIN": admission webhook "policies.mlgitops.io" denied the request: 1 violation by tekton.dev/PipelineRun ${namespace}/${name}
- require-bias-audit (biasAudit): the model has no bias audit
    field:   metadata.annotations[mlgitops.io/attestation]
    found:   no bias_audit.md in models/churn-prediction at commit ${commit}
    fix:     create one with mlgitops audit and commit it next to the model
`
      )
      assert.equal(seen.code, 1)
      const path = `/apis/tekton.dev/v1/namespaces/${namespace}/pipelineruns/${name}`
      assert.equal((await bench.client.get(path)).status, 404)
      const annotations = await bench.auditOf(name)
      assert.equal(annotations.decision, 'denied')
      assert.equal(annotations['denied-by'], 'require-bias-audit/biasAudit')
      assert.equal(annotations.commit, commit)
    }
  )
  await points.check(
    'the same pipeline with its audit is admitted on its signed statement',
    async () => {
      const [commit, pipeline] = await pipelineWith(bench, audit)
      const { name } = pipeline.metadata as { readonly name: string }
      const seen = await bench.kubectl(['create', '-f', '-'], pipeline)
      assert.deepEqual(seen, {
        code: 0,
        stdout: `pipelinerun.tekton.dev/${name} created\n`,
        stderr: ''
      })
      await bench.kubectl(['delete', 'pipelinerun', name])
      const annotations = await bench.auditOf(name)
      assert.equal(annotations.decision, 'allowed')
      assert.equal(annotations.commit, commit)
      assert.equal(annotations['key-id'], keyId)
    }
  )
  await points.check(
    'every object that the example renders for its models is admitted',
    async () => {
      for (const object of [
        ...(await repository.render(churn, 'production')),
        ...(await repository.render('models/sentiment', 'production'))
      ]) {
        if (object.kind === 'Canary') continue
        const seen = await bench.kubectl(['apply', '-f', '-'], object)
        assert.deepEqual([seen.code, seen.stderr], [0, ''], stringMember(object, 'kind'))
      }
    }
  )
  await proveDryRuns(bench, points)
  await points.check('a warning reaches the user, and the request passes', async () => {
    const seen = await bench.kubectl(['create', '-f', '-'], registryEntry(namespace, 'warned'))
    assert.deepEqual(seen, {
      code: 0,
      stdout: 'registeredmodel.mlgitops.io/warned created\n',
      stderr: 'Warning: tier-label: metadata.labels[tier]: the label tier is missing\n'
    })
    const annotations = await bench.auditOf('warned')
    assert.equal(annotations['warned-by'], 'tier-label/labels')
    assert.equal(annotations['audited-by'], 'tier-label/labels')
  })
  await points.check('a namespace without the label is not asked about', async () => {
    const before = await bench.host.reviews()
    const seen = await bench.kubectl(
      ['-n', 'default', 'create', '-f', '-'],
      registryEntry('default', 'free')
    )
    assert.deepEqual([seen.code, seen.stderr], [0, ''])
    assert.equal(await bench.host.reviews(), before)
    await bench.client.remove('/apis/mlgitops.io/v1alpha1/namespaces/default/registeredmodels/free')
  })
}

async function proveDryRuns(bench: Bench, points: Points): Promise<void> {
  const { namespace } = bench
  await points.check('a dry run is judged, and leaves nothing', async () => {
    const unlabelled = { ...registryEntry(namespace, 'dry'), metadata: { name: 'dry', namespace } }
    const refused = await bench.kubectl(['create', '--dry-run=server', '-f', '-'], unlabelled)
    assert.match(refused.stderr, /denied the request: 2 violations by .*\/dry\n- require-labels/)
    const entry = registryEntry(namespace, 'dry', { tier: 'low' })
    const admitted = await bench.kubectl(['create', '--dry-run=server', '-f', '-'], entry)
    assert.equal(admitted.stdout, 'registeredmodel.mlgitops.io/dry created (server dry run)\n')
    assert.equal((await bench.client.get(bench.entries('dry'))).status, 404)
  })
  await points.check(
    'a server-side apply as a dry run, as Argo CD compares, is judged',
    async () => {
      const entry = registryEntry(namespace, 'diffed', { tier: 'low' })
      assert.equal((await bench.client.create(bench.entries(), entry)).status, 201)
      const worse = registryEntry(namespace, 'diffed', { tier: 'low', team: '' })
      const bad = {
        ...worse,
        spec: { ...(worse.spec as JsonObject), artifactPath: 's3://other/m' }
      }
      const path = `${bench.entries('diffed')}?fieldManager=argocd&force=true&dryRun=All`
      const answer = await bench.client.send('PATCH', path, bad, 'application/apply-patch+yaml')
      assert.equal(answer.status, 403)
      assert.match(answer.message, /allowed-model-locations \(artifacts\)/)
    }
  )
}

/** A commit of the repository with this audit, and the pipeline that it renders. */
async function pipelineWith(
  { repository }: Bench,
  audit: BiasAudit | undefined
): Promise<readonly [string, JsonObject]> {
  repository.git.writeAudit(churn, audit)
  const commit = repository.git.commit(`The churn model ${audit ? 'with' : 'without'} its audit`)
  return [commit, await repository.renderOne([churn, 'PipelineRun'], 'production')]
}
