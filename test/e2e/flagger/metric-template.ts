import assert from 'node:assert/strict'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { healthy, objectives, primary } from './roll.ts'

/** Flagger reads a score from the analysis as from Prometheus, and compares it itself. */
export async function proveMetricTemplate(bench: Bench, points: Points): Promise<void> {
  await points.check(
    'a MetricTemplate reads the precision from the analysis, and halts the canary',
    async () => {
      const name = 'templated'
      const template: JsonObject = {
        apiVersion: 'flagger.app/v1beta1',
        kind: 'MetricTemplate',
        metadata: { name: 'model-precision', namespace: bench.namespace },
        spec: {
          provider: { type: 'prometheus', address: bench.url },
          query: 'model-precision{namespace="{{ namespace }}",name="{{ name }}"}'
        }
      }
      const at = `/apis/flagger.app/v1beta1/namespaces/${bench.namespace}/metrictemplates/model-precision`
      expectSuccess(await bench.client.apply(at, template), 'MetricTemplate')
      const metric = {
        name: 'model-precision',
        templateRef: { name: 'model-precision' },
        interval: '1m',
        thresholdRange: { min: 0.9 }
      }
      // Good enough for our own judgement, and not for the metric's.
      const lenient = { ...objectives, 'precision.min': '0.5' }
      await bench.initialise({
        name,
        provider: 'kubernetes',
        objectives: lenient,
        metrics: [metric],
        // A check before the first label is mature fails too, and one while the service is killed.
        threshold: 6
      })
      await bench.deploy(name, 'v2')
      await bench.phase(name, 'Progressing')
      bench.send(name, { canary: { ...healthy, badRatio: 0.25 }, primary })
      assert.equal((await bench.phase(name, 'Failed', 'Succeeded')).phase, 'Failed')
      const halt = new RegExp(
        `^Halt ${name}\\.${bench.namespace} advancement model-precision 0\\.[67]\\d < 0\\.9$`
      )
      const messages = bench.messages(name)
      assert.ok(
        messages.some(message => halt.test(message)),
        messages.join('\n')
      )
      const score = await bench.flaggerMetric(
        `flagger_canary_metric_analysis{metric="model-precision",name="${name}",namespace="${bench.namespace}"}`
      )
      assert.ok(score > 0.65 && score < 0.85, `${score}`)
    }
  )
}
