import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { readServeOptions } from '../../webhook/serve-options.ts'
import { containersOf, podProblems } from './pod-problems.ts'

const folder = path.join(import.meta.dirname, '../..')
const skip =
  spawnSync('kubectl', ['kustomize', '--help']).status === 0
    ? false
    : 'kubectl was not found: no overlay is built'

interface Built extends JsonObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string } & JsonObject
  readonly spec: JsonObject
}

const known = new Map<string, readonly Built[]>()

/** What `kubectl kustomize` makes of an overlay; built once. */
function build(overlay: string): readonly Built[] {
  const built = known.get(overlay) ?? kustomize(`manifests/overlays/${overlay}`)
  known.set(overlay, built)
  return built
}

function kustomize(file: string): readonly Built[] {
  const { stdout, stderr, status } = spawnSync('kubectl', ['kustomize', file], {
    cwd: folder,
    encoding: 'utf8'
  })
  if (status !== 0) throw new Error(stderr)
  return readYaml(stdout, { file }).map(({ value }) => value as unknown as Built)
}

/** Where there is exactly one. */
function find(overlay: string, kind: string, name: string): Built {
  const found = build(overlay).filter(each => each.kind === kind && each.metadata.name === name)
  const [object] = found
  if (object === undefined || found.length > 1) throw new Error(`expected one ${kind} ${name}, found ${found.length}`)
  return object
}

const named = (overlay: string) =>
  build(overlay).map(({ kind, metadata }) => `${kind} ${metadata.name}`)
const overlays = ['default', 'trial', 'webhook-only', 'analysis-only', 'cert-manager', 'high-availability']

const common = ['Namespace mlgitops-system', 'ClusterRole mlgitops-view']
const webhook = [
  'Deployment mlgitops-webhook',
  'Service mlgitops-webhook',
  'ServiceAccount mlgitops-webhook',
  'ClusterRole mlgitops-webhook',
  'ClusterRoleBinding mlgitops-webhook',
  'PodDisruptionBudget mlgitops-webhook',
  'NetworkPolicy mlgitops-webhook',
  'ValidatingWebhookConfiguration mlgitops',
  'ValidatingAdmissionPolicy mlgitops-guard-webhook',
  'ValidatingAdmissionPolicyBinding mlgitops-guard-webhook',
  'ValidatingAdmissionPolicy mlgitops-guard-namespaces',
  'ValidatingAdmissionPolicyBinding mlgitops-guard-namespaces',
  'ModelPolicy require-bias-audit'
]
const ownAuthority = [
  'Secret mlgitops-webhook-ca',
  'Role mlgitops-webhook',
  'RoleBinding mlgitops-webhook'
]
const analysis = [
  'Deployment mlgitops-analysis',
  'Service mlgitops-analysis',
  'ServiceAccount mlgitops-analysis',
  'PersistentVolumeClaim mlgitops-analysis',
  'NetworkPolicy mlgitops-analysis'
]
const certificates = [
  'Issuer mlgitops-self-signed',
  'Certificate mlgitops-authority',
  'Issuer mlgitops-authority',
  'Certificate mlgitops-webhook'
]

t.test('Every overlay holds what it says, and nothing of the others', { skip }, t => {
  const parts = { common, webhook, ownAuthority, analysis, certificates }
  const expected: Readonly<Record<string, readonly (keyof typeof parts)[]>> = {
    default: ['common', 'webhook', 'ownAuthority', 'analysis'],
    trial: ['common', 'webhook', 'ownAuthority', 'analysis'],
    'webhook-only': ['common', 'webhook', 'ownAuthority'],
    'analysis-only': ['common', 'analysis'],
    'cert-manager': ['common', 'webhook', 'analysis', 'certificates'],
    'high-availability': ['common', 'webhook', 'ownAuthority', 'analysis']
  }
  for (const overlay of overlays) {
    const there = named(overlay)
    for (const [part, names] of Object.entries(parts)) {
      const isHere = expected[overlay]?.includes(part as keyof typeof parts) === true
      const found = names.filter(name => there.includes(name))
      t.same(found, isHere ? names : [], `${overlay}: ${part}`)
    }
    for (const { kind, metadata } of build(overlay)) {
      const { namespace = 'mlgitops-system' } = metadata
      t.equal(namespace, 'mlgitops-system', `${kind} ${metadata.name}`)
    }
  }
  t.end()
})

t.test('Pods meet the restricted Pod Security Standard, and have limits, probes and time to end', { skip }, t => {
  for (const overlay of overlays) {
    for (const object of build(overlay)) {
      if (object.kind === 'Deployment') t.same(podProblems(object), [], object.metadata.name)
    }
    const labels = find(overlay, 'Namespace', 'mlgitops-system').metadata.labels as JsonObject
    t.equal(labels['pod-security.kubernetes.io/enforce'], 'restricted')
  }
  const bare = { spec: { template: { spec: { containers: [{ name: 'c' }], volumes: [{ hostPath: {} }] } } } }
  t.equal(podProblems(bare).length, 12, 'the check itself finds what is wrong')
  t.end()
})

t.test('The arguments are those of the commands', { skip }, async t => {
  for (const overlay of overlays) {
    for (const object of build(overlay)) {
      for (const { args = [] } of containersOf(object)) {
        const [command, ...rest] = args
        t.equal(command, 'mlgitops')
        const help = await run({ args: [...rest, '--help'], env: {}, folder })
        t.same([help.stderr, help.exitCode], ['', 0], `${overlay} ${object.metadata.name}`)
      }
    }
  }
})

/** The options of the webhook of an overlay. */
function choices(overlay: string) {
  const { args = [] } = containersOf(find(overlay, 'Deployment', 'mlgitops-webhook'))[0] ?? {}
  return readServeOptions(args.slice(3))
}

t.test('The webhook, its Service, its certificate and its configuration name each other', { skip }, t => {
  for (const overlay of ['default', 'trial', 'webhook-only', 'high-availability']) {
    t.match(choices(overlay), {
      policies: undefined,
      keys: ['/etc/mlgitops/keys'],
      exceptionNamespaces: ['mlgitops-system'],
      certificates: {
        kind: 'own',
        secret: { namespace: 'mlgitops-system', name: 'mlgitops-webhook-ca' },
        names: ['mlgitops-webhook.mlgitops-system.svc'],
        configuration: 'mlgitops'
      }
    })
  }
  t.match(choices('cert-manager'), {
    keys: ['/etc/mlgitops/keys'],
    certificates: {
      kind: 'files',
      certificate: '/etc/mlgitops/tls/tls.crt',
      key: '/etc/mlgitops/tls/tls.key'
    }
  })
  const certificate = find('cert-manager', 'Certificate', 'mlgitops-webhook')
  t.match(certificate.spec, {
    dnsNames: ['mlgitops-webhook.mlgitops-system.svc'],
    secretName: 'mlgitops-webhook-tls'
  })
  const configuration = find('cert-manager', 'ValidatingWebhookConfiguration', 'mlgitops')
  t.match(configuration.metadata.annotations, {
    'cert-manager.io/inject-ca-from': 'mlgitops-system/mlgitops-webhook'
  })
  t.match(configuration.webhooks, [
    { clientConfig: { service: { namespace: 'mlgitops-system', name: 'mlgitops-webhook', port: 443 } } }
  ])
  t.end()
})

t.test('Services and budgets select the pods, by ports that they have', { skip }, t => {
  for (const overlay of overlays) {
    for (const { kind, metadata, spec } of build(overlay)) {
      if (kind !== 'Service') continue
      const { template } = find(overlay, 'Deployment', metadata.name).spec as {
        readonly template: JsonObject
      }
      t.match((template.metadata as JsonObject).labels, spec.selector)
      const ports = containersOf(find(overlay, 'Deployment', metadata.name)).flatMap(
        container => container.ports ?? []
      )
      const targets = (spec.ports as JsonObject[]).map(({ targetPort }) => targetPort)
      t.same(targets, ports.map(({ name }) => name))
    }
  }
  t.end()
})

t.test('NetworkPolicies select the pods, by ports that they have, and let them ask for names', { skip }, t => {
  for (const overlay of [...overlays, 'flux']) {
    const policies = build(overlay).filter(({ kind }) => kind === 'NetworkPolicy')
    t.not(policies.length, 0, overlay)
    for (const { metadata, spec } of policies) {
      const deployment = find(overlay, 'Deployment', metadata.name)
      const { template } = deployment.spec as { readonly template: { metadata: JsonObject } }
      const { matchLabels } = spec.podSelector as { readonly matchLabels: JsonObject }
      t.match(template.metadata.labels, matchLabels)
      t.not(Object.keys(matchLabels).length, 0)
      const ports = containersOf(deployment).flatMap(container => container.ports ?? [])
      const open = (spec.ingress as { ports: { port: string }[] }[]).flatMap(rule => rule.ports)
      t.same(new Set(open.map(({ port }) => port)), new Set(ports.map(({ name }) => name)))
      // Of anybody: the cache of a node, where there is one, is no pod.
      t.match(spec.egress, [
        ...(metadata.name === 'mlgitops-analysis' ? [{}] : []),
        { to: undefined, ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] }
      ])
    }
  }
  t.end()
})

t.test('What an outage does, and what a violation leads to, by overlay', { skip }, t => {
  const policyOf = (overlay: string) => {
    const [hook] = find(overlay, 'ValidatingWebhookConfiguration', 'mlgitops').webhooks as JsonObject[]
    const actions = build(overlay)
      .filter(({ kind }) => kind === 'ModelPolicy')
      .map(({ spec }) => (spec.validationActions as string[]).join('+'))
    return [hook?.failurePolicy, ...new Set(actions)]
  }
  t.same(
    Object.fromEntries(overlays.filter(each => each !== 'analysis-only').map(each => [each, policyOf(each)])),
    {
      default: ['Fail', 'Warn+Audit'],
      trial: ['Ignore', 'Audit'],
      'webhook-only': ['Fail', 'Warn+Audit'],
      'cert-manager': ['Fail', 'Warn+Audit'],
      'high-availability': ['Fail', 'Warn+Audit']
    }
  )
  const { spec } = find('high-availability', 'Deployment', 'mlgitops-webhook')
  const budget = find('high-availability', 'PodDisruptionBudget', 'mlgitops-webhook').spec
  t.same([spec.replicas, budget.minAvailable], [3, 2])
  const store = find('default', 'Deployment', 'mlgitops-analysis').spec
  t.same([store.replicas, store.strategy], [1, { type: 'Recreate' }])
  t.end()
})

t.test('Whatever labels they get, the namespaces that a cluster starts by are not judged', { skip }, t => {
  t.match(find('default', 'ValidatingWebhookConfiguration', 'mlgitops').webhooks, [
    {
      namespaceSelector: {
        matchLabels: { 'mlgitops.io/admission': 'enabled' },
        matchExpressions: [
          {
            key: 'kubernetes.io/metadata.name',
            operator: 'NotIn',
            values: ['kube-system', 'kube-public', 'kube-node-lease', 'mlgitops-system']
          }
        ]
      }
    }
  ])
  t.end()
})

t.test('Every overlay is one of those', t => {
  const there = readdirSync(path.join(folder, 'manifests/overlays'))
  t.same(there.sort(), [...overlays, 'flux', 'policies'].sort(), 'that of Flux: flux.test.ts')
  t.end()
})

t.test('The component for Prometheus comes on top of any overlay', { skip }, t => {
  const own = t.testdir({
    'kustomization.yaml': `resources: [${relative(t.testdirName, 'overlays/default')}]
components: [${relative(t.testdirName, 'components/prometheus')}]
`
  })
  const kinds = ['ServiceMonitor', 'PrometheusRule', 'ConfigMap']
  t.same(
    kustomize(own)
      .filter(({ kind, metadata }) => kinds.includes(kind) && !metadata.name.includes('keys'))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    [
      'ConfigMap mlgitops-dashboard',
      'PrometheusRule mlgitops-analysis',
      'PrometheusRule mlgitops-webhook',
      'ServiceMonitor mlgitops-analysis',
      'ServiceMonitor mlgitops-webhook'
    ]
  )
  t.end()
})

function relative(from: string, name: string): string {
  return path.relative(from, path.join(folder, 'manifests', name))
}
