import assert from 'node:assert/strict'
import { member } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import type { Installed } from './installed.ts'

const at = '/apis/rbac.authorization.k8s.io/v1/clusterroles/mlgitops-webhook'

/** A role that lacks a verb is told by readiness, by name. */
export async function provePermissions(installed: Installed, points: Points): Promise<void> {
  const role = installed.object('ClusterRole', 'mlgitops-webhook')
  const lacking = {
    ...role,
    rules: (role.rules as readonly JsonObject[]).map(rule =>
      (rule.resources as readonly string[]).includes('modelpolicies')
        ? { ...rule, verbs: ['list'] }
        : rule
    )
  }
  const replace = async (wanted: JsonObject) => {
    const { resourceVersion } = (await installed.client.read(at)).metadata as JsonObject
    const metadata = { ...(wanted.metadata as JsonObject), resourceVersion: resourceVersion ?? '' }
    expectSuccess(await installed.client.replace(at, { ...wanted, metadata }), 'the role')
  }
  await points.check('a role that lacks a verb: not ready, and the verb is named', async () => {
    await replace(lacking)
    await installed.restart()
    const { text } = await eventually(
      async () => {
        const found = await installed.readiness()
        return found.status === 503 && found.text.includes('RBAC') ? found : undefined
      },
      { what: 'readiness names what lacks' }
    )
    assert.match(
      text,
      /RBAC lacks watch modelpolicies\.mlgitops\.io; watch policyexceptions\.mlgitops\.io/
    )
  })
  await points.check('the role mended: ready without a restart', async () => {
    await replace(role)
    assert.equal(member(await installed.client.read(at), 'kind'), 'ClusterRole')
    await installed.untilReady()
  })
}
