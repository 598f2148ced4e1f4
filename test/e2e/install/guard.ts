import assert from 'node:assert/strict'
import { eventually } from '../rig/eventually.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'

const configuration = 'validatingwebhookconfiguration'
const refusal = (policy: string) =>
  `is forbidden: ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: bob needs the verb unguard on modelpolicies.mlgitops.io to `

/**
 * Tests the guard of what no webhook is called for: its own configuration and the label of namespaces.
 * Bob may write all namespaces and webhook configurations, but no policies.
 */
export async function proveGuard(machine: Machine, points: Points): Promise<void> {
  const namespace = await makeNamespace(machine, 'e2e-guarded', {
    'mlgitops.io/admission': 'enabled'
  })
  const run = (...args: readonly string[]) => kubectl(machine.controlPlane, args)
  const bob = (...args: readonly string[]) => run('--as=bob', ...args)
  await allowBob(machine)
  const patch = (change: object) =>
    bob('patch', configuration, 'mlgitops', '--type=json', '-p', JSON.stringify([change]))
  // The API server enforces a new policy with a short delay.
  const without = ['label', 'namespace', namespace, 'mlgitops.io/admission-', '--dry-run=server']
  await eventually(async () => (await bob(...without)).code !== 0 || undefined, {
    what: 'the guard is in force'
  })
  await points.check('the admission label of a namespace cannot be removed', async () => {
    for (const label of ['mlgitops.io/admission-', 'mlgitops.io/admission=disabled']) {
      const { stderr } = await bob('label', 'namespace', namespace, '--overwrite', label)
      assert.equal(
        stderr,
        `Error from server (Forbidden): namespaces "${namespace}" ${refusal('mlgitops-guard-namespaces')}remove the label mlgitops.io/admission: enabled from namespace ${namespace}\n`
      )
    }
    assert.equal((await bob('label', 'namespace', namespace, 'team=a')).code, 0)
  })
  await points.check('the webhook’s configuration cannot be removed or weakened', async () => {
    const about = `Error from server (Forbidden): validatingwebhookconfigurations.admissionregistration.k8s.io "mlgitops" ${refusal('mlgitops-guard-webhook')}`
    const removed = `${about}remove the webhook\n`
    assert.equal((await bob('delete', configuration, 'mlgitops')).stderr, removed)
    assert.equal((await bob('delete', configuration, '--all')).stderr, removed)
    const hook = '/webhooks/0'
    const changes = [
      { op: 'replace', path: `${hook}/failurePolicy`, value: 'Ignore' },
      { op: 'replace', path: `${hook}/timeoutSeconds`, value: 1 },
      { op: 'add', path: `${hook}/namespaceSelector/matchLabels/x`, value: 'y' },
      { op: 'add', path: `${hook}/objectSelector`, value: { matchLabels: { x: 'y' } } },
      { op: 'add', path: `${hook}/matchConditions/-`, value: { name: 'x', expression: 'false' } },
      { op: 'remove', path: `${hook}/matchConditions` },
      { op: 'remove', path: `${hook}/rules/0` },
      { op: 'replace', path: `${hook}/clientConfig/service/name`, value: 'other' },
      { op: 'remove', path: hook }
    ]
    for (const change of changes) {
      assert.equal(
        (await patch(change)).stderr,
        `${about}change more than the caBundle of the webhook\n`
      )
    }
  })
  await points.check(
    'users with write access to the configuration can set its caBundle',
    async () => {
      const value = Buffer.from(machine.controlPlane.authorityPem).toString('base64')
      const seen = await patch({ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value })
      assert.deepEqual([seen.stderr, seen.code], ['', 0])
    }
  )
  await points.check(
    'users with the verb unguard on modelpolicies can do all of this',
    async () => {
      await run(
        'create',
        'clusterrolebinding',
        'e2e-bob',
        '--clusterrole=mlgitops-policy-admin',
        '--user=bob'
      )
      machine.atEnd(() => run('delete', 'clusterrolebinding', 'e2e-bob'))
      const label = await bob('label', 'namespace', namespace, 'mlgitops.io/admission-')
      assert.deepEqual([label.stderr, label.code], ['', 0])
      const change = { op: 'replace', path: '/webhooks/0/timeoutSeconds', value: 9 }
      assert.equal((await patch(change)).code, 0)
    }
  )
}

async function allowBob(machine: Machine): Promise<void> {
  const run = (...args: readonly string[]) => kubectl(machine.controlPlane, args)
  const resources = 'namespaces,validatingwebhookconfigurations.admissionregistration.k8s.io'
  const verbs = 'get,list,patch,update,delete,deletecollection'
  await run('create', 'clusterrole', 'e2e-bob', `--verb=${verbs}`, `--resource=${resources}`)
  await run('create', 'clusterrolebinding', 'e2e-bob-writes', '--clusterrole=e2e-bob', '--user=bob')
  machine.atEnd(() =>
    run(
      'delete',
      'clusterrole,clusterrolebinding',
      'e2e-bob',
      'e2e-bob-writes',
      '--ignore-not-found'
    )
  )
}
