import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { Fault } from '../../common/fault.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { strategicMerge } from '../../plugin/patch/strategic-merge.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-patch-'))
t.teardown(() => {
  rmSync(folder, { recursive: true })
})
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

const parse = (text: string) => readYaml(text, { file: 'x' })[0]?.value as JsonObject
const object = (type: string, rest: string) => {
  const [apiVersion = '', kind = ''] = type.split(' ')
  return parse(`{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: x}, ${rest}}`)
}

/** The refusal of our merge: the list and the key. */
function refusal(target: JsonObject, patch: JsonObject): string {
  try {
    strategicMerge(target, patch)
    return 'merged'
  } catch (error) {
    return error instanceof Fault ? `${error.message} [${error.code}]` : 'internal error'
  }
}

function kubectl(target: JsonObject, patch: JsonObject): JsonValue {
  const file = path.join(folder, 'target.json')
  writeFileSync(file, JSON.stringify(target))
  const args = ['patch', '--local', '-f', file, '--type=strategic', '-o', 'json']
  try {
    const text = execFileSync('kubectl', [...args, '-p', JSON.stringify(patch)], {
      encoding: 'utf8',
      stdio: 'pipe'
    })
    return JSON.parse(text) as JsonValue
  } catch (error) {
    const { stderr } = error as { stderr: string }
    if (stderr.includes('does not contain declared merge key')) return 'refused'
    throw error
  }
}

const pod = (list: string, item: string) =>
  [`{spec: {template: {spec: {${list}: [${item}]}}}}`, `spec.template.spec.${list}`] as const
const container = (list: string, item: string) =>
  [
    `{spec: {template: {spec: {containers: [{name: c, ${list}: [${item}]}]}}}}`,
    `spec.template.spec.containers.${list}`
  ] as const

/** Kind, item with its key, item without it, key. */
const lists: readonly [string, readonly [string, string], readonly [string, string], string][] = [
  ...(
    [
      ['containers', 'name: c, image: i', 'name'],
      ['initContainers', 'name: c, image: i', 'name'],
      ['ephemeralContainers', 'name: c, image: i', 'name'],
      ['volumes', 'name: v, emptyDir: {}', 'name'],
      ['imagePullSecrets', 'name: s', 'name'],
      ['hostAliases', 'ip: 1.2.3.4, hostnames: [h]', 'ip'],
      ['topologySpreadConstraints', 'topologyKey: k, maxSkew: 1', 'topologyKey'],
      ['schedulingGates', 'name: g', 'name'],
      ['resourceClaims', 'name: r, resourceClaimName: n', 'name']
    ] as const
  ).map(
    ([list, item, key]) =>
      [
        'apps/v1 Deployment',
        pod(list, `{${item}}`),
        pod(list, `{${item.replace(/^[^,]*(?:, )?/, '')}}`),
        key
      ] as [string, readonly [string, string], readonly [string, string], string]
  ),
  ...(
    [
      ['env', 'name: e, value: v', 'name'],
      ['ports', 'containerPort: 1, name: p', 'containerPort'],
      ['volumeMounts', 'mountPath: /m, name: v', 'mountPath'],
      ['volumeDevices', 'devicePath: /d, name: v', 'devicePath']
    ] as const
  ).map(
    ([list, item, key]) =>
      [
        'apps/v1 StatefulSet',
        container(list, `{${item}}`),
        container(list, `{${item.replace(/^[^,]*, /, '')}}`),
        key
      ] as [string, readonly [string, string], readonly [string, string], string]
  ),
  ...(
    [
      ['v1 Service', 'spec.ports', 'port: 1, name: a', 'port'],
      ['v1 ServiceAccount', 'secrets', 'name: a, namespace: b', 'name'],
      ['apps/v1 Deployment', 'status.conditions', 'type: A, status: "True"', 'type'],
      ['batch/v1 Job', 'status.conditions', 'type: A, status: "True"', 'type'],
      ['v1 Node', 'status.addresses', 'type: A, address: b', 'type'],
      ['v1 ConfigMap', 'metadata.ownerReferences', 'uid: a, name: b', 'uid'],
      [
        'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration',
        'webhooks',
        'name: a.b.c, sideEffects: None',
        'name'
      ],
      [
        'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
        'spec.variables',
        'name: a, expression: "1"',
        'name'
      ],
      ['storage.k8s.io/v1 CSINode', 'spec.drivers', 'name: a, nodeID: b', 'name']
    ] as const
  ).map(([type, list, item, key]) => {
    const nested = (value: string) =>
      [
        list.split('.').reduceRight((inner, name) => `{${name}: ${inner}}`, `[{${value}}]`),
        list
      ] as const
    return [type, nested(item), nested(item.replace(/^[^,]*, /, '')), key] as [
      string,
      readonly [string, string],
      readonly [string, string],
      string
    ]
  })
]

t.test('an item without the declared merge key is refused, as by kubectl', t => {
  for (const [type, [whole], [partial, list], key] of lists) {
    const target = strategicMerge(object(type, ''), parse(whole))
    const patch = parse(partial)
    const expected = `strategic patch: an item of ${list} has no ${key}, its merge key [PATCH_INVALID]`
    t.equal(refusal(target, patch), expected)
    if (hasKubectl) t.equal(kubectl(target, patch), 'refused', `kubectl, ${list}`)
  }
  t.end()
})

t.test('custom kinds with containers are checked, other lists of them are replaced', t => {
  const job = object('kubeflow.org/v1 TFJob', 'spec: {}')
  const containers = '{template: {spec: {containers: [{image: "x:2"}]}}}'
  t.match(
    refusal(job, parse(`{spec: {tfReplicaSpecs: {Worker: ${containers}}}}`)),
    'an item of spec.tfReplicaSpecs.Worker.template.spec.containers has no name'
  )
  const entry = object('networking.istio.io/v1 ServiceEntry', 'spec: {ports: [{number: 1}]}')
  const patched = strategicMerge(entry, parse('{spec: {ports: [{number: 2}]}}'))
  t.same(patched.spec, { ports: [{ number: 2 }] })
  const account = object('v1 ServiceAccount', 'imagePullSecrets: [{name: a}]')
  const patch = parse('{imagePullSecrets: [{name: b}]}')
  t.same(strategicMerge(account, patch).imagePullSecrets, [{ name: 'b' }])
  if (hasKubectl) t.same(kubectl(account, patch), strategicMerge(account, patch))
  t.end()
})

t.test('items keep their positions, as with kubectl', { skip: !hasKubectl && 'no kubectl' }, t => {
  const list = (names: string) =>
    names
      .split('')
      .map(name => `{name: ${name}, image: "i:${name}"}`)
      .join(', ')
  const target = object('v1 Pod', `spec: {containers: [${list('abcd')}]}`)
  for (const names of ['b', 'z', 'bz', 'zb', 'db', 'dza', 'xbydz', 'abcd', 'dcba', 'za']) {
    const patch = parse(`{spec: {containers: [${list(names).replaceAll('i:', 'j:')}]}}`)
    t.same(strategicMerge(target, patch), kubectl(target, patch), names)
  }
  const removed = parse('{spec: {containers: [{name: b, $patch: delete}, {name: z, image: i}]}}')
  t.same(strategicMerge(target, removed), kubectl(target, removed), 'a deletion')
  const owned = object('v1 ConfigMap', 'data: {}')
  const finalizers = { ...owned, metadata: { name: 'x', finalizers: ['a/b', 'c/d', 'e/f'] } }
  const added = { metadata: { finalizers: ['g/h', 'c/d'] } }
  t.same(strategicMerge(finalizers, added), kubectl(finalizers, added), 'finalizers')
  t.end()
})
