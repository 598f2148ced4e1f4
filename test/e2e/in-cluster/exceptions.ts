import assert from 'node:assert/strict'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import type { Installed } from './installed.ts'
import { job, policy } from './policies.ts'

const system = 'mlgitops-system'
const dayMs = 86_400_000
const at = (namespace: string) =>
  `/apis/mlgitops.io/v1alpha1/namespaces/${namespace}/policyexceptions/train-for-now`

/** An exception from the policy `single` for the Job `train`. @param days from now until it expires */
function exception(installed: Installed, namespace: string, days: number): JsonObject {
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'PolicyException',
    metadata: { name: 'train-for-now', namespace },
    spec: {
      policies: [{ name: 'single' }],
      objects: [{ kinds: ['Job'], namespaces: [installed.namespace], names: ['tra*'] }],
      reason: 'the suite wants it',
      expiresAt: new Date(Date.now() + days * dayMs).toISOString().replace(/\.\d+/, '')
    }
  }
}

/** Tests PolicyExceptions: the namespaces in which they have an effect, their expiry and their status. */
export async function proveExceptions(installed: Installed, points: Points): Promise<void> {
  const { client, namespace } = installed
  const apply = async (object: JsonObject) => {
    const seen = await installed.kubectl(['apply', '-f', '-'], object)
    assert.equal(seen.code, 0, seen.stderr)
  }
  const ask = () =>
    client.create(`/apis/batch/v1/namespaces/${namespace}/jobs?dryRun=All`, job(namespace, 2))
  const untilAnswered = (what: string, status: number) =>
    eventually(async () => (await ask()).status === status || undefined, { what })
  const condition = async (where: string, reason: string) =>
    eventually(
      async () => {
        const all = (member((await client.read(at(where))).status, 'conditions') ??
          []) as readonly JsonObject[]
        return all.find(each => each.type === 'Ready' && each.reason === reason)
      },
      { what: `the exception in ${where} has the reason ${reason}` }
    )
  await apply(policy('object.spec.parallelism == 1', 'single'))
  await untilAnswered('a Job with two parallel pods is refused', 403)
  await points.check(
    'an exception in a namespace that anyone can write to has no effect',
    async () => {
      await apply(exception(installed, namespace, 1))
      const { status, message } = await condition(namespace, 'NamespaceNotAllowed')
      assert.equal(status, 'False')
      assert.equal(
        message,
        `exceptions in namespace ${namespace} are not accepted: the webhook accepts those of --exception-namespace`
      )
      assert.match((await ask()).message, /single \(cel\): single is asked for/)
    }
  )
  await points.check(
    'an exception in an accepted namespace admits its objects, and no others',
    async () => {
      await apply(exception(installed, system, 1))
      await untilAnswered('the excepted Job is admitted', 201)
      assert.match(
        stringMember(await condition(system, 'InForce'), 'message') ?? '',
        /^in force until \d{4}-/
      )
      const other = { ...job(namespace, 2), metadata: { name: 'other', namespace } }
      const refused = await client.create(
        `/apis/batch/v1/namespaces/${namespace}/jobs?dryRun=All`,
        other
      )
      assert.equal(refused.status, 403)
    }
  )
  await points.check('an expired exception has no effect, and its status says so', async () => {
    await apply(exception(installed, system, -1))
    await untilAnswered('the Job is refused again', 403)
    assert.match(
      stringMember(await condition(system, 'Expired'), 'message') ?? '',
      /^expired at \d{4}-/
    )
  })
  await points.check('a deleted exception has no effect', async () => {
    await apply(exception(installed, system, 1))
    await untilAnswered('the excepted Job is admitted', 201)
    await installed.kubectl(['-n', system, 'delete', 'policyexception', 'train-for-now'])
    await untilAnswered('the Job is refused again', 403)
  })
  await installed.kubectl(['delete', 'modelpolicy', 'single'])
}
