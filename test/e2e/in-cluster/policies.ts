import assert from 'node:assert/strict'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import { readinessOf, untilReadiness } from '../rig/readiness.ts'
import type { Installed } from './installed.ts'

/** A policy with one CEL rule for Jobs. @param expression also an invalid one */
export function policy(expression: string, name = 'small'): JsonObject {
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name },
    spec: {
      validationActions: ['Deny'],
      matchConstraints: { kinds: [{ apiGroups: ['batch'], kinds: ['Job'] }] },
      rules: [{ cel: { validations: [{ expression, message: `${name} is asked for` }] } }]
    }
  }
}

/** A Job with this many parallel pods. */
export function job(namespace: string, parallelism: number): JsonObject {
  const container = { name: 'x', image: `registry.example.com/ml/x:${'c'.repeat(40)}` }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'train', namespace },
    spec: { parallelism, template: { spec: { restartPolicy: 'Never', containers: [container] } } }
  }
}

/** Tests ModelPolicies of the cluster: their effect, their status, and a restart of the API server. */
export async function provePolicies(installed: Installed, points: Points): Promise<void> {
  const { client, namespace } = installed
  const apply = (object: JsonObject) => installed.kubectl(['apply', '-f', '-'], object)
  const ask = (parallelism = 5) =>
    client.create(
      `/apis/batch/v1/namespaces/${namespace}/jobs?dryRun=All`,
      job(namespace, parallelism)
    )
  const until = (what: string, wanted: RegExp) =>
    eventually(async () => wanted.test((await ask()).message) || undefined, { what })
  await points.check(
    'with the RBAC of our manifests the webhook is ready, and its CA is in the caBundle',
    async () => {
      await untilReadiness(installed.probedUrl, { status: 200 })
      assert.match(
        Buffer.from(await installed.caBundle(), 'base64').toString(),
        /BEGIN CERTIFICATE/
      )
      const seen = await installed.kubectl(['get', 'modelpolicies'])
      assert.match(
        seen.stdout,
        /^NAME +ACTIONS +READY +AGE\nallowed-model-locations +\["Warn","Audit"\] +/
      )
    }
  )
  await points.check(
    'the installed policies are in force, and the API server returns their warnings',
    async () => {
      const { status, warnings } = await ask()
      assert.equal(status, 201)
      assert.ok(
        warnings.some(text => text.startsWith('require-provenance: ')),
        warnings.join('\n')
      )
      await eventually(
        async () => (await installed.condition('require-labels'))?.status === 'True' || undefined,
        { what: 'require-labels is Ready' }
      )
    }
  )
  await points.check('a new policy takes effect', async () => {
    assert.equal((await apply(policy('object.spec.parallelism <= 4'))).code, 0)
    await until('a Job with five parallel pods is refused', /small \(cel\): small is asked for/)
    assert.equal((await ask(4)).status, 201)
  })
  await points.check(
    'the status shows an invalid change; the last good version stays in force',
    async () => {
      assert.equal((await apply(policy('object.spec.parallelism <= '))).code, 0)
      const condition = await eventually(
        async () => {
          const found = await installed.condition('small')
          return found?.status === 'False' ? found : undefined
        },
        { what: 'the policy is not Ready' }
      )
      assert.equal(condition.reason, 'Invalid')
      assert.match(
        JSON.stringify(condition.message),
        /Until it is fixed, a replica judges by its last good version/
      )
      assert.match((await ask()).message, /small is asked for/)
      assert.equal((await readinessOf(installed.probedUrl)).status, 200)
    }
  )
  await points.check('a fixed policy is loaded', async () => {
    assert.equal((await apply(policy('object.spec.parallelism <= 10'))).code, 0)
    await until('a Job with five parallel pods is admitted', /^$/)
  })
  await points.check('policies are watched across a restart of the API server', async () => {
    await installed.machine.controlPlane.restartApiServer('SIGKILL')
    const smaller = policy('object.spec.parallelism <= 3', 'smaller')
    await eventually(async () => (await apply(smaller)).code === 0 || undefined, {
      what: 'the API server accepts policies again'
    })
    await until('a Job with five parallel pods is refused', /smaller \(cel\): smaller is asked for/)
    await installed.kubectl(['delete', 'modelpolicy', 'small', 'smaller'])
    await until('a Job with five parallel pods is admitted', /^$/)
  })
}
