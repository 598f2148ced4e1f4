import assert from 'node:assert/strict'
import { writeYaml } from '../../../common/yaml/write.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const count = 1_000

/** An Application with a thousand objects. */
export async function proveMany(bench: Bench, points: Points): Promise<void> {
  await points.check(`an Application with ${count} objects is synced`, async () => {
    const namespace = await bench.extraNamespace('many')
    const documents = Array.from({ length: count }, (_, index) =>
      writeYaml({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `part-${index}`, namespace },
        data: { commit: '{{ .Values.gitCommit }}', index: `${index}` }
      })
    )
    const commit = bench.commit('A thousand', { 'models/many/all.yaml': documents.join('---\n') })
    // The API server validates them anyway; Argo CD would read the whole schema for each of them.
    const syncOptions = ['Validate=false']
    const app = await bench.application('many', 'models/many', 'staging', { syncOptions })
    await app.untilSynced(commit)
    const list = await bench.client.list(`/api/v1/namespaces/${namespace}/configmaps?limit=2000`)
    const synced = list.filter(
      ({ data }) => (data as { commit?: string } | undefined)?.commit === commit
    )
    assert.equal(synced.length, count)
  })
}
