import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { operatorTable } from '../../scripts/operators.ts'
import { ownerKinds } from '../../webhook/owner/owner-kind.ts'
import { readServeOptions } from '../../webhook/serve-options.ts'
import { containersOf } from './pod-problems.ts'

const root = path.join(import.meta.dirname, '../..')
const names = operatorTable.map(({ name }) => name)
const skip =
  spawnSync('kubectl', ['kustomize', '--help']).status === 0
    ? false
    : 'kubectl was not found: no component is built'

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

t.test('There is a component for each operator', t => {
  t.same(readdirSync(path.join(root, 'manifests/components/operators')).sort(), [...names].sort())
  t.end()
})

t.test('docs/operators.md lists each component with its accounts', t => {
  const lines = readFileSync(path.join(root, 'docs/operators.md'), 'utf8').split('\n')
  for (const { name, accounts } of operatorTable) {
    const [, , cell] = lines.find(line => line.startsWith(`| \`${name}\` |`))?.split('|') ?? []
    const named = accounts.map(({ namespace, account }) => `\`${namespace}:${account}\``)
    t.equal(cell?.trim(), named.join(', '), name)
  }
  t.end()
})

t.test('All components together give the options and the access of each', { skip }, t => {
  const relative = path.relative(t.testdir({}), path.join(root, 'manifests'))
  const folder = t.testdir({
    'kustomization.yaml': [
      'apiVersion: kustomize.config.k8s.io/v1beta1',
      'kind: Kustomization',
      `resources: [${relative}/overlays/webhook-only]`,
      `components: [${names.map(name => `${relative}/components/operators/${name}`).join(', ')}]`
    ].join('\n')
  })
  const objects = build(folder)
  const deployment = objects.find(({ kind }) => kind === 'Deployment')
  const [container] = containersOf(deployment ?? {})
  const args = (container?.args ?? [])
  const choices = readServeOptions(args.slice(args.indexOf('webhook') + 1))
  const accounts = operatorTable.flatMap(row => row.accounts)
  t.same(
    choices?.operators.operators.map(({ username }) => username),
    accounts.map(({ namespace, account }) => `system:serviceaccount:${namespace}:${account}`)
  )
  t.same(choices?.operators.controllers, [], 'nobody is trusted in full')

  const role = (name: string) =>
    objects.find(
      ({ kind, metadata }) =>
        kind === 'ClusterRole' &&
        (metadata as JsonObject).name === `mlgitops-webhook-owners-${name}`
    )?.rules as unknown as readonly Rule[]
  for (const { name, reads, lists = [] } of operatorTable) {
    const allowed = role(name).flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap(group => resources.map(each => `${verbs.join()} ${group}/${each}`))
    )
    const wanted = Object.entries(reads).flatMap(([group, resources]) =>
      resources.map(each => `${lists.includes(each) ? 'get,list' : 'get'} ${group}/${each}`)
    )
    t.same(allowed.sort(), wanted.sort(), name)
  }
  t.end()
})

t.test('A component lets the webhook read kinds that it follows, and only those', t => {
  const followed = new Set(ownerKinds().map(({ group, plural }) => `${group}/${plural}`))
  for (const { name, reads } of operatorTable) {
    const kinds = Object.entries(reads).flatMap(([group, plurals]) =>
      plurals.map(plural => `${group}/${plural}`)
    )
    t.same(
      kinds.filter(kind => !followed.has(kind)),
      [],
      name
    )
  }
  const readable = new Set(
    operatorTable.flatMap(({ reads }) =>
      Object.entries(reads).flatMap(([group, plurals]) => plurals.map(each => `${group}/${each}`))
    )
  )
  t.same(
    [...followed].filter(kind => !readable.has(kind)).sort(),
    [
      '/replicationcontrollers',
      'apps/daemonsets',
      'apps/deployments',
      'apps/replicasets',
      'batch/cronjobs',
      'batch/jobs',
      'tekton.dev/clustertasks'
    ],
    'owners of Pods are read for provenance.pods; ClusterTask is no longer in Tekton'
  )
  t.end()
})

t.test('Pods are judged by their owner when the API server asks about them', { skip }, t => {
  const dir = t.testdirName
  const relative = path.relative(dir, path.join(root, 'manifests'))
  const folder = t.testdir({
    'kustomization.yaml': [
      `resources: [${relative}/overlays/webhook-only]`,
      `components: [${relative}/components/pods-by-owner]`
    ].join('\n')
  })
  const objects = build(folder)
  const [configuration] = objects.filter(({ kind }) => kind === 'ValidatingWebhookConfiguration')
  const [webhook] = (configuration?.webhooks ?? []) as readonly JsonObject[]
  t.equal(webhook?.name, 'policies.mlgitops.io')
  t.equal(webhook?.matchConditions, undefined)
  const role = objects.find(
    ({ kind, metadata }) =>
      kind === 'ClusterRole' && (metadata as JsonObject).name === 'mlgitops-webhook-owners-pods'
  )
  const rules = (role?.rules ?? []) as unknown as readonly Rule[]
  const followed = new Set(ownerKinds().map(({ group, plural }) => `${group}/${plural}`))
  const read = rules.flatMap(({ apiGroups: [group = ''], resources }) =>
    resources.map(each => `${group}/${each}`)
  )
  t.same(
    read.filter(each => !followed.has(each)),
    []
  )
  t.same([...new Set(rules.flatMap(({ verbs }) => verbs))], ['get'])
  t.end()
})
