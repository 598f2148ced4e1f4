import assert from 'node:assert/strict'
import { member, stringMember } from '../../../common/json.ts'
import { brokenLock, chartFiles, chartObject, chartPath } from '../rig/example-chart.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { conditionOf } from './release.ts'

const namespace = 'e2e-flux-chart'

/** A Helm chart is rendered to an artifact, which kustomize-controller applies. */
export async function proveCharts(bench: Bench, points: Points): Promise<void> {
  await makeNamespace(bench.machine, namespace)
  const release = bench.known('scorer')
  const data = async (name: string) => (await bench.configMap(namespace, name))?.data
  await points.check('a chart is rendered by helm, published and applied', async () => {
    const origin = await bench.commit('A chart', chartFiles)
    await bench.release('scorer', {
      ...{ path: chartPath, namespace },
      more: { environment: 'staging', values: { image: { tag: 'v1.10' } } }
    })
    await release.untilApplied(origin)
    assert.deepEqual(await data(chartObject), {
      image: 'registry.example.com/scorer:v1.10',
      ...{ replicas: '2', kind: 'float64', environment: 'staging' }
    })
    const commit = origin.slice('main@sha1:'.length)
    assert.deepEqual(await data('announce'), { commit })
  })
  await points.check('hooks that Flux applies are a warning of the release', async () => {
    const message =
      'Flux applies Helm hooks like all other objects: ConfigMap announce (docs/helm.md)'
    const condition = conditionOf(await release.untilReady('ModelRelease'), 'Warnings')
    assert.deepEqual([condition?.status, condition?.message], ['True', message])
    const event = await bench.events.until('ExternalArtifact', 'scorer', /^Flux applies Helm hooks/)
    assert.deepEqual([event.severity, event.reason], ['info', 'RenderedWithWarnings'])
  })
  await points.check('a Chart.lock that does not match is reported, what runs stays', async () => {
    const before = await data(chartObject)
    await bench.commit('A dependency', brokenLock)
    const message = await release.untilFailed('ModelRelease', 'RenderFailed')
    assert.match(
      message,
      /^\.\.\/\.\.\/charts\/scorer\/Chart\.lock: the lock file does not match the dependencies of the chart \[CHART_LOCK\]/
    )
    assert.deepEqual(await data(chartObject), before)
    const { url } = await release.artifact()
    assert.equal((await fetch(url)).status, 200)
    await bench.commit('The dependency, reverted', {
      'charts/scorer/Chart.yaml': chartFiles['charts/scorer/Chart.yaml']
    })
    await release.untilReady('ModelRelease')
    const inventory = member((await release.read('ModelRelease')).status, 'inventory')
    assert.equal(stringMember((inventory as readonly object[])[0] as never, 'name'), 'scorer')
    await release.remove('Kustomization', 'ModelRelease')
  })
}
