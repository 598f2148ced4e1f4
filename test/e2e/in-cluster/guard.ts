import assert from 'node:assert/strict'
import type { Points } from '../rig/points.ts'
import type { Installed } from './installed.ts'

const user = 'jane'

/** Tests that ValidatingAdmissionPolicies guard what no webhook is called for. */
export async function proveGuard(installed: Installed, points: Points): Promise<void> {
  const as = (args: readonly string[]) => installed.kubectl(['--as', user, ...args])
  await installed.kubectl([
    ...['create', 'clusterrole', 'e2e-jane', '--verb=get,list,patch,update,delete'],
    '--resource=namespaces,validatingwebhookconfigurations.admissionregistration.k8s.io'
  ])
  await installed.kubectl([
    ...['create', 'clusterrolebinding', 'e2e-jane', '--clusterrole=e2e-jane'],
    `--user=${user}`
  ])
  installed.machine.atEnd(() =>
    installed.kubectl(['delete', 'clusterrole,clusterrolebinding', 'e2e-jane'])
  )
  await points.check(
    'write access to webhook configurations does not suffice to remove or weaken ours',
    async () => {
      const seen = await as(['delete', 'validatingwebhookconfiguration', 'mlgitops'])
      assert.equal(seen.code, 1)
      assert.match(
        seen.stderr,
        /jane needs the verb unguard on modelpolicies\.mlgitops\.io to remove the webhook/
      )
      const change = '{"webhooks":[{"name":"policies.mlgitops.io","failurePolicy":"Ignore"}]}'
      const weakened = await as([
        ...['patch', 'validatingwebhookconfiguration', 'mlgitops'],
        ...['--type=strategic', '-p', change]
      ])
      assert.match(weakened.stderr, /to change more than the caBundle of the webhook/)
    }
  )
  await points.check(
    'write access to namespaces does not suffice to remove the admission label',
    async () => {
      const seen = await as(['label', 'namespace', installed.namespace, 'mlgitops.io/admission-'])
      assert.equal(seen.code, 1)
      assert.match(
        seen.stderr,
        /jane needs the verb unguard on modelpolicies\.mlgitops\.io to remove the label mlgitops\.io\/admission: enabled from namespace e2e-in-cluster/
      )
    }
  )
}
