import assert from 'node:assert/strict'
import { member } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { brokenLock, chartFiles, chartObject, chartPath } from '../rig/example-chart.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

/** A Helm chart in Argo CD: parameters are values, and hooks are Argo CD's. */
export async function proveCharts(bench: Bench, points: Points): Promise<void> {
  const namespace = await bench.extraNamespace('chart')
  const at = `/api/v1/namespaces/${namespace}/configmaps`
  const app = bench.known('scorer')
  let commit = ''
  await points.check('a chart is synced, with the parameters of the Application', async () => {
    commit = bench.commit('A chart', chartFiles)
    await bench.application('scorer', chartPath, 'staging', {
      ...{ namespace },
      plugin: {
        name: 'mlgitops',
        parameters: [
          { name: 'environment', string: 'staging' },
          { name: 'image.tag', string: '1.10' },
          { name: 'replicas', string: '3' }
        ]
      }
    })
    await app.untilSynced(commit)
    assert.deepEqual((await bench.client.read(`${at}/${chartObject}`)).data, {
      image: 'registry.example.com/scorer:1.10',
      ...{ replicas: '3', kind: 'float64', environment: 'staging' }
    })
  })
  await points.check("a hook of the chart is a PreSync hook of Argo CD's", async () => {
    const status = await app.status()
    const listed = status.resources as readonly JsonObject[]
    assert.equal(listed.find(({ name }) => name === 'announce')?.hook, true)
    const state = member(status, 'operationState')
    const resources = member(member(state, 'syncResult'), 'resources') as readonly JsonObject[]
    const hook = resources.find(({ name }) => name === 'announce')
    assert.deepEqual([hook?.hookType, hook?.hookPhase], ['PreSync', 'Succeeded'])
    assert.deepEqual((await bench.client.read(`${at}/announce`)).data, { commit })
  })
  await points.check('a Chart.lock that does not match is a condition of the app', async () => {
    bench.commit('A dependency', brokenLock)
    const message = await app.untilCondition('ComparisonError', /CHART_LOCK/)
    assert.match(
      message,
      /mlgitops: \.\.\/\.\.\/charts\/scorer\/Chart\.lock: the lock file does not match the dependencies of the chart \[CHART_LOCK\]/
    )
    assert.equal((await bench.client.get(`${at}/${chartObject}`)).status, 200)
    bench.commit('The dependency, reverted', {
      'charts/scorer/Chart.yaml': chartFiles['charts/scorer/Chart.yaml']
    })
    await app.remove()
  })
}
