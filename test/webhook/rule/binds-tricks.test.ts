import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { judge } from '../judged.ts'
import { exchanged, signed } from '../signed.ts'

const metadata = { name: 'x', namespace: 'ml', labels: { team: 'ml' } }
const image = 'registry.example.com/ml/trainer:1'
const server = { name: 'server', image, args: ['serve'] }
const sidecar = { name: 'sidecar', image, args: ['log'] }
const deployment = ['apps/v1', 'Deployment'] as const
const pod = ['v1', 'Pod'] as const
const ray = ['ray.io/v1', 'RayCluster'] as const

function refused(
  [apiVersion, kind]: readonly [string, string],
  spec: JsonObject,
  other: JsonObject,
  options: JsonObject = {}
): string[] {
  const object = signed({ apiVersion, kind, metadata, spec })
  return judge({ provenance: options }, exchanged(object, other)).map(line =>
    line.slice(0, line.indexOf(';'))
  )
}

const template = (...containers: readonly JsonObject[]) => ({ template: { spec: { containers } } })

t.test('an allowed index is that of the rendered list, not one that the object chooses', t => {
  const rendered = template(server, sidecar)
  const allowed = (index: string) => ({ allowChanges: [`/spec/template/spec/containers/${index}`] })
  const evil = { ...server, args: ['evil'] }
  const args = 'args: this field of container server is not as it was rendered'
  const changed = template(sidecar, evil)
  t.same(refused(deployment, rendered, changed, allowed('1/args')), [
    `spec.template.spec.containers[1].${args}`
  ])
  t.same(refused(deployment, rendered, changed, allowed('0/args')), [])
  const more = { name: 'more', image }
  t.same(refused(deployment, rendered, template(server, more, sidecar), allowed('1')), [
    'spec.template.spec.containers[1]: container more was not rendered'
  ])
  t.same(refused(deployment, rendered, template(server, more, sidecar), allowed('2')), [])
  t.end()
})

t.test('two containers of a name, and none, are compared by their index', t => {
  const twice = template(server, { ...server, args: ['evil'] })
  t.same(refused(deployment, template(server), twice), [
    'spec.template.spec.containers[1]: container server was not rendered'
  ])
  t.same(refused(deployment, template(server), template({ image, args: ['serve'] })), [
    'spec.template.spec.containers[0].name: this field was rendered and is missing'
  ])
  t.end()
})

t.test('names that every JavaScript object has are names like others', t => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    for (const value of [[{ name: 'x' }], 'Object', { name: 'Object' }]) {
      const spec = template(server)
      const other = { template: { spec: { ...spec.template.spec, [name]: value } } }
      const field = `spec.template.spec.${name}`
      const [message = '', ...others] = refused(deployment, spec, other, { binds: 'object' })
      t.ok(message.startsWith(field), field)
      t.same(others, [])
    }
  }
  t.end()
})

t.test('what protects a container cannot be taken away', t => {
  const profile = 'container.apparmor.security.beta.kubernetes.io/server'
  const group = (annotations: JsonObject, container: JsonObject = {}) => ({
    headGroupSpec: {
      template: { metadata: { annotations }, spec: { containers: [{ ...server, ...container }] } }
    }
  })
  const at = 'spec.headGroupSpec.template'
  const guarded = { [profile]: 'runtime/default', note: 'x' }
  t.same(refused(ray, group(guarded), group({ note: 'y', [profile]: 'runtime/default' })), [])
  t.same(refused(ray, group(guarded), group({ [profile]: 'unconfined' })), [
    `${at}.metadata.annotations[${profile}]: this field is not as it was rendered`
  ])
  const without = { headGroupSpec: { template: { spec: { containers: [server] } } } }
  t.same(refused(ray, group(guarded), without), [
    `${at}.metadata: this field was rendered and is missing`
  ])
  t.same(refused(ray, group({}, { imagePullPolicy: 'Always' }), group({})), [
    `${at}.spec.containers[0].imagePullPolicy: this field of container server was rendered and is missing`
  ])
  const context = { securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } } }
  t.same(refused(ray, group({}, context), group({})), [
    `${at}.spec.containers[0].securityContext: this field of container server was rendered and is missing`
  ])
  const mounts = (readOnly: boolean) => ({
    volumeMounts: [{ name: 'd', mountPath: '/d', readOnly }]
  })
  t.same(refused(ray, group({}, mounts(true)), group({}, mounts(false))), [
    `${at}.spec.containers[0].volumeMounts[0].readOnly: this field of container server is not as it was rendered`
  ])
  t.end()
})

t.test('one completion is the default of a Job without parallelism only', t => {
  const job = ['batch/v1', 'Job'] as const
  const whole = { binds: 'object' }
  const spec = (more: JsonObject) => ({ ...template(server), ...more })
  const both = spec({ parallelism: 1, completions: 1 })
  t.same(refused(job, spec({}), both, whole), [])
  t.same(refused(job, spec({ parallelism: 1 }), both, whole), [
    'spec.completions: this field was not rendered'
  ])
  t.end()
})

t.test('what the API server adds to a Pod is added by nobody else', t => {
  const token = {
    name: 'kube-api-access-abcde',
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
        {
          downwardAPI: {
            items: [
              { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }
            ]
          }
        }
      ]
    }
  }
  const spec = (more: JsonObject) => ({ containers: [server], ...more })
  const volume = 'spec.volumes[0]: volume kube-api-access-abcde was not rendered'
  t.same(refused(pod, spec({}), spec({ volumes: [token] })), [])
  t.same(
    refused(deployment, template(server), { template: { spec: spec({ volumes: [token] }) } }),
    [`spec.template.${volume}`]
  )
  const none = { automountServiceAccountToken: false }
  t.same(refused(pod, spec(none), spec({ ...none, volumes: [token] })), [volume])
  const pull = { imagePullSecrets: [{ name: 'evil' }] }
  t.same(
    refused(pod, spec({}), spec(pull), { binds: 'object' }),
    ['spec.imagePullSecrets[0]: this field was not rendered'],
    'whatever secrets the account has'
  )
  const sources = [{ serviceAccountToken: { audience: 'vault', path: 'token' } }]
  t.same(refused(pod, spec({}), spec({ volumes: [{ ...token, projected: { sources } }] })), [
    volume
  ])
  t.end()
})

t.test('a value that can be a secret is not shown', t => {
  const object = signed({
    apiVersion: ray[0],
    kind: ray[1],
    metadata,
    spec: { redisPassword: 'a1' }
  })
  const said = judge({ provenance: {} }, exchanged(object, { redisPassword: 'b2' })).join()
  t.match(said, 'spec.redisPassword: this field is not as it was rendered')
  t.notMatch(said, /a1|b2/)
  t.end()
})
