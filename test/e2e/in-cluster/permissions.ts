import assert from 'node:assert/strict'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import type { Points } from '../rig/points.ts'
import { untilReadiness } from '../rig/readiness.ts'
import type { Installed } from './installed.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const clusterRole = `${rbac}/clusterroles/mlgitops-webhook`
const role = `${rbac}/namespaces/mlgitops-system/roles/mlgitops-webhook`

/** Tests that readiness names a verb that a role lacks. */
export async function provePermissions(installed: Installed, points: Points): Promise<void> {
  await points.check(
    'the webhook is not ready while its ClusterRole lacks a verb, and names the verb',
    async () => {
      const whole = installed.object('ClusterRole', 'mlgitops-webhook')
      await replace(installed, clusterRole, without(whole, 'modelpolicies', 'watch'))
      await installed.restart()
      assert.match(
        await untilLacking(installed),
        /RBAC lacks watch modelpolicies\.mlgitops\.io; watch policyexceptions\.mlgitops\.io/
      )
    }
  )
  await points.check('once the ClusterRole is fixed it is ready without a restart', async () => {
    await replace(installed, clusterRole, installed.object('ClusterRole', 'mlgitops-webhook'))
    await untilReadiness(installed.probedUrl, { status: 200 })
  })
  await points.check(
    'the webhook is not ready while its Role lacks a verb, and names the Secret',
    async () => {
      const whole = installed.object('Role', 'mlgitops-webhook')
      await replace(installed, role, without(whole, 'secrets', 'update'))
      await installed.restart()
      assert.match(
        await untilLacking(installed),
        /RBAC lacks update secrets mlgitops-webhook-ca in mlgitops-system/
      )
      await replace(installed, role, whole)
      await untilReadiness(installed.probedUrl, { status: 200 })
    }
  )
}

/** Returns a role without a verb in the rule that names a resource. */
function without(whole: JsonObject, resource: string, verb: string): JsonObject {
  const rules = (whole.rules as readonly JsonObject[]).map(rule =>
    (rule.resources as readonly string[]).includes(resource)
      ? { ...rule, verbs: (rule.verbs as readonly string[]).filter(each => each !== verb) }
      : rule
  )
  return { ...whole, rules }
}

async function replace({ client }: Installed, at: string, wanted: JsonObject): Promise<void> {
  const { resourceVersion } = (await client.read(at)).metadata as JsonObject
  const metadata = { ...(wanted.metadata as JsonObject), resourceVersion: resourceVersion ?? '' }
  expectSuccess(await client.replace(at, { ...wanted, metadata }), 'the role')
}

function untilLacking({ probedUrl }: Installed): Promise<string> {
  return untilReadiness(probedUrl, { status: 503, like: /RBAC lacks/ })
}
