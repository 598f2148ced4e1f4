import type { JsonObject } from '../common/json.ts'
import { writeYaml } from '../common/yaml/write.ts'
import { operatorTable } from './operators.ts'
import type { OperatorAccount, OperatorRow } from './operators.ts'

/** The components for operators, from the table of `operators.ts`: every file by its path. */
export function operatorComponents(): readonly (readonly [string, string])[] {
  return operatorTable.flatMap(row => {
    const folder = `manifests/components/operators/${row.name}`
    return [
      [`${folder}/kustomization.yaml`, kustomization(row)],
      [`${folder}/owner-access.yaml`, access(row)]
    ] as const
  })
}

function kustomization({ title, accounts }: OperatorRow): string {
  const sources = accounts.map(
    ({ namespace, account, source }) => `# - ${namespace}:${account}: ${source}`
  )
  const options = accounts.flatMap(optionsOf)
  const patch = options.map(
    option => `- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: ${option}\n`
  )
  return (
    `# Generated from scripts/operators.ts by \`npm run generate\`.\n#\n# ${title}: what its accounts make passes if the owner was admitted with what it runs (docs/operators.md).\n# An installation in another namespace, or with images of its own registry, needs other options:\n# copy this folder. The accounts are those of the project's own manifests:\n#\n${sources.join('\n')}\n` +
    writeYaml({
      apiVersion: 'kustomize.config.k8s.io/v1alpha1',
      kind: 'Component',
      resources: ['owner-access.yaml'],
      patches: [{ target: { kind: 'Deployment', name: 'mlgitops-webhook' }, patch: patch.join('') }]
    })
  )
}

function optionsOf({ namespace, account, images = [] }: OperatorAccount): readonly string[] {
  const name = `${namespace}:${account}`
  return [
    `--operator=${name}`,
    ...(images.length === 0 ? [] : [`--operator-images=${name}=${images.join(',')}`])
  ]
}

function access({ name, title, reads, lists = [] }: OperatorRow): string {
  const metadata = {
    name: `mlgitops-webhook-owners-${name}`,
    labels: { 'app.kubernetes.io/part-of': 'mlgitops' }
  }
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata,
    rules: Object.entries(reads).flatMap(([group, resources]) => rulesOf(group, resources, lists))
  }
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: metadata.name
    },
    subjects: [{ kind: 'ServiceAccount', name: 'mlgitops-webhook', namespace: 'mlgitops-system' }]
  }
  return `# Generated from scripts/operators.ts by \`npm run generate\`: the owners and templates of ${title}.\n${writeYaml(role)}---\n${writeYaml(binding)}`
}

function rulesOf(
  group: string,
  resources: readonly string[],
  lists: readonly string[]
): readonly JsonObject[] {
  const listed = resources.filter(each => lists.includes(each))
  const others = resources.filter(each => !lists.includes(each))
  const rule = (names: readonly string[], verbs: readonly string[]) =>
    names.length === 0 ? [] : [{ apiGroups: [group], resources: names, verbs }]
  return [...rule(others, ['get']), ...rule(listed, ['get', 'list'])]
}
