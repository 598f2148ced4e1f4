import assert from 'node:assert/strict'
import type { JsonObject } from '../../../common/json.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Seen } from '../rig/kubectl.ts'
import type { Points } from '../rig/points.ts'
import type { OperatorBench } from './bench.ts'
import { at } from './case.ts'

const evil = 'evil.example.com/miner:1'
const tekton = 'system:serviceaccount:tekton-pipelines:tekton-pipelines-controller'

/** A status that a controller runs, on the sub-resource of the CRD that has it, and without one. */
export async function proveStatuses(bench: OperatorBench, points: Points): Promise<void> {
  const patch = (object: string, status: JsonObject, ...more: readonly string[]): Promise<Seen> =>
    kubectl(bench.machine.controlPlane, [
      ...['patch', object, '-n', bench.namespace, '--type=merge'],
      ...['-p', JSON.stringify({ status }), ...more]
    ])
  const ofRun = (image: string) => ({
    pipelineSpec: { tasks: [{ name: 'a', taskSpec: { steps: [{ name: 'a', image }] } }] }
  })
  const run = 'pipelineruns.tekton.dev/pipeline-run'
  const onStatus = '--subresource=status'

  await points.check('a spec in the status of a PipelineRun is refused on /status', async () => {
    const seen = await patch(run, ofRun(evil), onStatus)
    assert.match(seen.stderr, /this image was not attested/)
    assert.match(seen.stderr, /status\.pipelineSpec\.tasks\[0\]\.taskSpec\.steps\[0\]\.image/)
    const byOperator = await patch(run, ofRun(evil), onStatus, `--as=${tekton}`)
    assert.match(
      byOperator.stderr,
      /was not admitted with what this object runs: status\.pipelineSpec/
    )
  })
  await points.check(
    'its operator writes there what the templates were admitted with',
    async () => {
      const seen = await patch(run, ofRun(at('task')), onStatus, `--as=${tekton}`)
      assert.equal(seen.code, 0, seen.stderr)
    }
  )
  await points.check('a status that runs nothing passes, whoever writes it', async () => {
    const seen = await patch(run, { startTime: '2026-11-30T00:00:00Z' }, onStatus)
    assert.equal(seen.code, 0, seen.stderr)
  })
  await points.check(
    'a template in the status of a Workflow is refused on the object',
    async () => {
      const template = { name: 'main', container: { image: evil } }
      const seen = await patch('workflows.argoproj.io/nightly-1', {
        storedTemplates: { 'namespaced/x/main': template }
      })
      // Its operator made it of a signed CronWorkflow; it is not signed itself.
      assert.match(seen.stderr, /the object has no attestation/)
    }
  )
}
