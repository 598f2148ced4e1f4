import assert from 'node:assert/strict'
import type { Points } from '../rig/points.ts'
import { digestOf } from '../../../bin/demo/repository.ts'
import type { Bench } from './bench.ts'

const churn = 'models/churn-prediction'

const shortDigest = (digest: string) => digest.replace('sha256:', '').slice(0, 12)

/** The webhook denies what Argo CD applies, and the Application shows the reason. */
export async function proveRefusals(bench: Bench, points: Points): Promise<void> {
  const app = bench.known('churn-production')
  const audit = bench.repository.git.readAudit(churn)
  await points.check('a pipeline without a bias audit is denied, and the sync fails', async () => {
    bench.repository.git.writeAudit(churn, undefined)
    const values = `${churn}/values.yaml`
    const commit = bench.commit('Other trees, no audit', {
      [values]: bench.read(values).replace('trees: 400', 'trees: 450')
    })
    const text = await app.untilOperation(commit, 'Failed')
    assert.match(text, /one or more objects failed to apply/)
    const namespace = bench.namespaceOf('production')
    const short = shortDigest(await digestOf(bench.repository.git.folder, churn))
    const denial = [
      `admission webhook "policies.mlgitops.io" denied the request: 1 violation by tekton.dev/PipelineRun ${namespace}/churn-pipeline-${short}`,
      '- require-bias-audit (biasAudit): the model has no bias audit',
      '    field:   metadata.annotations[mlgitops.io/attestation]',
      `    found:   no bias_audit.md in ${churn} at commit ${commit}`,
      '    fix:     create one with mlgitops audit and commit it next to the model'
    ]
    for (const line of denial) assert.ok(text.includes(line), `${line}\nis not in\n${text}`)
    const at = `/apis/tekton.dev/v1/namespaces/${namespace}/pipelineruns/churn-pipeline-${short}`
    assert.equal((await bench.client.get(at)).status, 404)
  })
  await points.check('with the audit of this commit it is synced', async () => {
    const modelDigest = await digestOf(bench.repository.git.folder, churn)
    assert.ok(audit)
    bench.repository.git.writeAudit(churn, { ...audit, modelDigest })
    const commit = bench.commit('The audit of these trees', {})
    await app.untilSynced(commit)
    const pipeline = `churn-pipeline-${shortDigest(modelDigest)}`
    assert.ok((await app.resources()).includes(`PipelineRun/${pipeline}`))
  })
}
