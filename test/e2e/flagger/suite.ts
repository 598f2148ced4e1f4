import assert from 'node:assert/strict'
import type { Suite } from '../rig/suite.ts'
import { Bench } from './bench.ts'
import { proveCrash } from './crash.ts'
import { proveMetricTemplate } from './metric-template.ts'
import { proveModelAnalysis } from './model-analysis.ts'
import { proveOwnWords } from './own-words.ts'
import { proveRollouts } from './rollouts.ts'
import { proveRuns } from './runs.ts'
import { proveTraffic } from './unlike-traffic.ts'

/** The analysis service in front of a real Flagger: rollouts side by side, as in a cluster. */
export const flagger: Suite = async ({ machine, points }) => {
  const bench = await Bench.create(machine, 'e2e-flagger')
  await Promise.all([
    ...proveRollouts(bench, points),
    ...proveRuns(bench, points),
    ...proveTraffic(bench, points),
    proveOwnWords(bench, points),
    proveMetricTemplate(bench, points),
    proveModelAnalysis(bench, points),
    proveCrash(bench, points)
  ])
  await points.check('no event of either kind was refused', async () => {
    await bench.traffic.stop()
    assert.deepEqual(bench.traffic.refused, [])
    assert.ok(bench.traffic.sentByKserve > 1_000, `${bench.traffic.sentByKserve}`)
  })
}
