import { Registry } from 'prom-client'
import t from 'tap'
import { operatorTable } from '../../../scripts/operators.ts'
import { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { createLogger } from '../../../service/log.ts'
import { OwnerObjects } from '../../../webhook/cluster/owner-objects.ts'
import { ownerReads } from '../../../webhook/cluster/owner-reads.ts'
import { componentOf } from '../../../webhook/owner/component.ts'
import { ownerKindOf } from '../../../webhook/owner/owner-kind.ts'
import { startFakeApiServer } from '../../service/kubernetes/fake-api-server.ts'
import { connectionTo } from '../../service/kubernetes/served.ts'

t.test('A permission that is missing is counted, logged and told, with its component', async t => {
  const kind = ownerKindOf('tekton.dev', 'TaskRun')
  if (kind === undefined) throw new Error('TaskRun is known')
  const server = await startFakeApiServer(t, { resources: [{ ...kind, isNamespaced: true }] })
  server.isAllowed = () => false
  const registry = new Registry()
  const logged: unknown[] = []
  let nowMs = 0
  const logger = createLogger({
    level: 'info',
    now: () => 0,
    write: line => logged.push(JSON.parse(line))
  })
  const objects = new OwnerObjects({
    client: new ApiClient(connectionTo(server), 'mlgitops/test'),
    nowMs: () => nowMs,
    refused: ownerReads(registry, logger, () => nowMs)
  })
  const ask = () => objects.get({ kind, namespace: 'ml', name: 'run' }, 'live')
  const read = await ask()
  t.match(read, {
    kind: 'unreadable',
    reason: /; manifests\/components\/operators\/tekton gives this permission$/
  })
  const listed = await objects.list(kind, 'ml')
  t.match(listed, {
    reason: /; manifests\/components\/operators\/tekton gives this permission$/
  })
  nowMs = 60_000
  await ask()
  t.match(
    await registry.metrics(),
    'mlgitops_owner_reads_forbidden_total{component="operators/tekton",resource="taskruns.tekton.dev"} 3'
  )
  const warning = {
    level: 'warn',
    message: 'RBAC does not let the webhook read owners',
    resource: 'taskruns.tekton.dev',
    remedy: 'add manifests/components/operators/tekton'
  }
  t.match(logged, [warning, warning])
  t.equal(logged.length, 2, 'once a minute')
})

t.test('The component of a kind lets the webhook read it', t => {
  for (const { name, reads } of operatorTable) {
    for (const [group, plurals] of Object.entries(reads)) {
      if (group === '' || group === 'apps') continue
      for (const plural of plurals) {
        const component = componentOf({ group, plural })
        const row = operatorTable.find(each => component === `operators/${each.name}`)
        t.ok(row?.reads[group]?.includes(plural), `${name} reads ${plural}.${group}`)
      }
    }
  }
  t.equal(componentOf({ group: 'apps', plural: 'replicasets' }), 'pods-by-owner')
  t.equal(componentOf({ group: '', plural: 'replicationcontrollers' }), 'pods-by-owner')
  t.equal(componentOf({ group: '', plural: 'pods' }), 'operators/lws')
  t.end()
})
