import assert from 'node:assert/strict'
import { member } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const strategicPatch = 'application/strategic-merge-patch+json'

/** Pods made by controllers, sub-resources, and objects that were there before the policies. */
export async function proveWorkloads(bench: Bench, points: Points): Promise<void> {
  const pods = `/api/v1/namespaces/${bench.namespace}/pods`
  const ofSentiment = async () =>
    (await bench.client.list(`${pods}?labelSelector=app%3Dsentiment`)).map(
      ({ metadata }) => metadata as { readonly name: string } & JsonObject
    )
  await points.check(
    'the pods of an admitted Deployment run: its controllers are exempt',
    async () => {
      await eventually(async () => (await ofSentiment()).length === 1 || undefined, {
        what: 'the Deployment sentiment has a pod'
      })
      const replicaSets = 'system:serviceaccount:kube-system:replicaset-controller'
      const event = bench.machine.controlPlane
        .auditEvents()
        .find(
          ({ objectRef, user }) =>
            member(user, 'username') === replicaSets &&
            member(objectRef, 'resource') === 'pods' &&
            member(objectRef, 'namespace') === bench.namespace
        )
      assert.equal(
        member(event?.annotations, 'policies.mlgitops.io/exemption'),
        `made by ${replicaSets}`
      )
    }
  )
  await points.check(
    'a pod of a user who claims that a controller made it is refused',
    async () => {
      const [owned] = await ofSentiment()
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'claimed', ownerReferences: owned?.ownerReferences ?? [] },
        spec: { containers: [{ name: 'x', image: 'registry.example.com/ml/x:latest' }] }
      }
      const answer = await bench.client.create(pods, pod)
      assert.equal(answer.status, 403)
      assert.match(answer.message, /violations by Pod e2e-admission\/claimed/)
    }
  )
  await points.check('an ephemeral container of a foreign image is refused', async () => {
    const [pod] = await ofSentiment()
    const debug = { name: 'debug', image: 'docker.io/library/busybox:latest' }
    const answer = await bench.client.patch(
      `${pods}/${pod?.name ?? ''}/ephemeralcontainers`,
      { spec: { ephemeralContainers: [debug] } },
      strategicPatch
    )
    assert.equal(answer.status, 403)
    assert.match(
      answer.message,
      /- allowed-registries \(images\): .*\n {4}field: {3}spec\.ephemeralContainers\[0\]\.image\n {4}found: {3}docker\.io\/library\/busybox:latest/
    )
  })
  await points.check(
    'a ControllerRevision with a foreign pod template of a StatefulSet is refused',
    async () => {
      const spec = { containers: [{ name: 'x', image: 'docker.io/library/busybox:latest' }] }
      const answer = await bench.client.create(
        `/apis/apps/v1/namespaces/${bench.namespace}/controllerrevisions`,
        {
          apiVersion: 'apps/v1',
          kind: 'ControllerRevision',
          metadata: { name: 'web-1' },
          revision: 1,
          data: { spec: { template: { $patch: 'replace', spec } } }
        }
      )
      assert.equal(answer.status, 403)
      assert.match(
        answer.message,
        /- allowed-registries \(images\): .*\n {4}field: {3}data\.spec\.template\.spec\.containers\[0\]\.image\n/
      )
    }
  )
  await points.check('scaling does not call the webhook, and succeeds', async () => {
    const before = await bench.host.metric('mlgitops_policy_violations_total{')
    const seen = await bench.kubectl(['scale', 'deployment/sentiment', '--replicas=2'])
    assert.deepEqual(seen, { code: 0, stdout: 'deployment.apps/sentiment scaled\n', stderr: '' })
    await eventually(async () => (await ofSentiment()).length === 2 || undefined, {
      what: 'two pods'
    })
    assert.equal(await bench.host.metric('mlgitops_policy_violations_total{'), before)
  })
  await points.check('kubectl apply to an older object is judged by the new object', () =>
    proveOldObjects(bench)
  )
  await points.check(
    'an object that would be refused can be deleted, and its dependents are orphaned',
    async () => {
      const seen = await bench.kubectl([
        ...['-n', 'e2e-admission-old', 'delete', 'deployment', 'old', '--cascade=orphan'],
        '--timeout=30s'
      ])
      assert.match(seen.stdout, /^deployment\.apps "old" deleted/)
      assert.equal(seen.code, 0)
      const [orphan] = await bench.client.list(
        '/apis/apps/v1/namespaces/e2e-admission-old/replicasets'
      )
      assert.ok(orphan !== undefined)
      assert.equal(member(orphan.metadata, 'ownerReferences'), undefined)
    }
  )
}

/** Tests a Deployment that existed before admission was enabled in its namespace. */
async function proveOldObjects(bench: Bench): Promise<void> {
  const namespace = await makeNamespace(bench.machine, 'e2e-admission-old')
  const kubectl = (args: readonly string[], input?: JsonObject) =>
    bench.kubectl(['-n', namespace, ...args], input)
  const old = (image: string): JsonObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'old', namespace },
    spec: {
      selector: { matchLabels: { app: 'old' } },
      template: {
        metadata: { labels: { app: 'old' } },
        spec: { containers: [{ name: 'x', image }] }
      }
    }
  })
  assert.equal((await kubectl(['apply', '-f', '-'], old('example.com/x:1'))).code, 0)
  await makeNamespace(bench.machine, namespace, bench.host.labels)
  const changed = await eventually(
    async () => {
      const seen = await kubectl(['apply', '--dry-run=server', '-f', '-'], old('example.com/x:2'))
      return seen.code === 1 ? seen : undefined
    },
    { what: 'the namespace takes part' }
  )
  assert.match(changed.stderr, /^Error from server \(Forbidden\): error when applying patch:\n/)
  assert.match(
    changed.stderr,
    /denied the request: \d+ violations by apps\/Deployment e2e-admission-old\/old\n/
  )
  assert.equal((await kubectl(['scale', 'deployment/old', '--replicas=0'])).code, 0)
}
