import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { neededAccess } from '../../plugin/flux/needed-access.ts'
import { readServeFluxOptions } from '../../plugin/flux/serve-options.ts'
import { containersOf, podProblems } from './pod-problems.ts'

const root = path.join(import.meta.dirname, '../..')
const skip =
  spawnSync('kubectl', ['kustomize', '--help']).status === 0
    ? false
    : 'SKIPPED: kubectl was not found'

function build(folder: string): readonly JsonObject[] {
  const { stdout, stderr, status } = spawnSync('kubectl', ['kustomize', folder], {
    cwd: root,
    encoding: 'utf8'
  })
  if (status !== 0) throw new Error(stderr)
  return readYaml(stdout, { file: folder }).map(({ value }) => value as JsonObject)
}

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** The granted and the needed permissions, as `verb group/resource`. */
function accessOf(built: readonly JsonObject[]) {
  const [deployment] = built.filter(({ kind }) => kind === 'Deployment')
  const [container] = containersOf(deployment ?? {})
  const { args } = container as unknown as { readonly args: readonly string[] }
  const choices = readServeFluxOptions({ args: args.slice(3), env: {} })
  if (choices === undefined) throw new Error('its arguments ask for help')
  const rules = built
    .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
    .flatMap(role => role.rules as unknown as readonly Rule[])
  const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap(group =>
      resources.flatMap(resource => verbs.map(verb => `${verb} ${group}/${resource}`))
    )
  )
  const needed = neededAccess(choices).flatMap(({ resource, subresource, verbs }) => {
    const name = [resource.plural, subresource].filter(Boolean).join('/')
    return verbs.map(verb => `${verb} ${resource.group}/${name}`)
  })
  const finalizers = 'update mlgitops.io/modelreleases/finalizers'
  return {
    ...{ deployment, args, choices },
    granted: [...new Set(granted)].sort(),
    needed: [...new Set([...needed, finalizers])].sort()
  }
}

t.test('the RBAC rules grant exactly what the controller needs', { skip }, t => {
  const { deployment, args, choices, granted, needed } = accessOf(build('manifests/flux'))
  t.same(args.slice(0, 3), ['mlgitops', 'serve', 'flux'])
  t.same(granted, needed)
  t.same(podProblems(deployment ?? {}), [])
  t.equal(choices.baseUrl, 'http://mlgitops-flux.flux-system.svc.cluster.local.')
  const guard = readFileSync(path.join(root, 'manifests/flux/guard.yaml'), 'utf8')
  t.match(guard, `startsWith('${choices.baseUrl}/artifacts/')`, 'the guard knows the same address')
  t.match(guard, 'resources: [externalartifacts, externalartifacts/status]')
  t.end()
})

t.test('only flux-watch-configs grants list of ConfigMaps and Secrets', { skip }, t => {
  const overlay = t.testdir()
  const from = (folder: string) => path.relative(overlay, path.join(root, 'manifests', folder))
  writeFileSync(
    path.join(overlay, 'kustomization.yaml'),
    `resources: [${from('flux')}]\ncomponents: [${from('components/flux-watch-configs')}]\n`
  )
  const plain = accessOf(build('manifests/flux'))
  const watching = accessOf(build(path.relative(root, overlay)))
  t.equal(watching.choices.configSelector, 'reconcile.fluxcd.io/watch=Enabled')
  t.same(watching.granted, watching.needed)
  t.same(
    watching.granted.filter(each => !plain.granted.includes(each)),
    ['list /configmaps', 'list /secrets', 'watch /configmaps', 'watch /secrets']
  )
  t.end()
})

t.test('the component for Prometheus scrapes the metrics of every replica', { skip }, t => {
  const overlay = t.testdir()
  const from = (folder: string) => path.relative(overlay, path.join(root, 'manifests', folder))
  writeFileSync(
    path.join(overlay, 'kustomization.yaml'),
    `resources: [${from('overlays/flux')}]\ncomponents: [${from('components/flux-prometheus')}]\n`
  )
  const objects = build(path.relative(root, overlay))
  const find = (kind: string) => objects.find(object => object.kind === kind)
  const pods = JSON.stringify(find('Deployment'))
  t.match(pods, '"name":"http-prom"')
  t.match(pods, '"app.kubernetes.io/name":"mlgitops-flux"')
  t.match(find('PodMonitor'), {
    metadata: { namespace: 'flux-system' },
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': 'mlgitops-flux' } },
      jobLabel: 'app.kubernetes.io/name',
      podMetricsEndpoints: [{ port: 'http-prom', honorLabels: true }]
    }
  })
  t.match(find('PrometheusRule'), { metadata: { namespace: 'flux-system' } })
  t.end()
})

t.test('kustomize builds the overlay and the component with the feature gate', { skip }, t => {
  const kinds = build('manifests/overlays/flux').map(({ kind }) => kind)
  t.ok(kinds.includes('ValidatingAdmissionPolicy') && kinds.includes('NetworkPolicy'))
  const patched = t.testdir({
    'kc.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: kustomize-controller}\nspec: {template: {spec: {containers: [{name: manager, args: [--log-level=info]}]}}}\n'
  })
  const component = path.relative(patched, path.join(root, 'manifests/components/flux-external-artifact'))
  writeFileSync(
    path.join(patched, 'kustomization.yaml'),
    `resources: [kc.yaml]\ncomponents: [${component}]\n`
  )
  const [built] = build(path.relative(root, patched))
  t.match(JSON.stringify(built), '["--log-level=info","--feature-gates=ExternalArtifact=true"]')
  t.end()
})

t.test('the error of an invalid command line names every problem', t => {
  const errorOf = (...args: string[]) => {
    try {
      readServeFluxOptions({ args, env: {} })
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
    return 'fine'
  }
  t.equal(
    errorOf('x', '--events-addr', 'ftp://x', '--concurrency', '0', '--leader-lease', 'x', '--watch-namespaces', 'A', '--grace-seconds', 'x'),
    'serve flux takes options only; --events-addr must be an http(s) URL; --concurrency must be a number from 1 to 64; --grace-seconds must be a whole number of seconds, at most 999; --leader-lease must be NAMESPACE/NAME; --watch-namespaces must be names of namespaces, separated by commas; --advertise is required: an http(s) URL'
  )
  t.equal(readServeFluxOptions({ args: ['--help'], env: {} }), undefined)
  t.match(readServeFluxOptions({ args: ['--watch-namespaces', 'a,b,a'], env: { MLGITOPS_FLUX_ADVERTISE: 'https://x/y/' } }), {
    baseUrl: 'https://x/y',
    namespaces: ['a', 'b'],
    lease: undefined
  })
  t.end()
})
