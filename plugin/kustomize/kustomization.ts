import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { renderTemplate } from '../template/render-template.ts'
import type { TemplateInput } from '../template/render-template.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import type { RepositoryTree } from '../repository/tree.ts'

/** The names kustomize looks for, in its order. */
export const kustomizationFiles = [
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization'
] as const

/** The kustomization's file in a folder, if there is one. */
export function kustomizationIn(tree: RepositoryTree, folder: string): string | undefined {
  return kustomizationFiles
    .map(name => path.posix.join(folder, name))
    .find(file => tree.kindOf(file) === 'file')
}

const refused = [
  'helmCharts',
  'helmChartInflationGenerator',
  'generators',
  'transformers',
  'validators'
]
const lists = [
  'resources',
  'bases',
  'components',
  'crds',
  'configurations',
  'patchesStrategicMerge'
]

/**
 * The files that a kustomization and the local bases it reaches are made of, by tree path, with
 * their YAML rendered. Nothing is fetched and no plugin runs: a render is of one commit.
 *
 * @throws {Fault} `KUSTOMIZATION_UNSUPPORTED`, `TEMPLATE_*`, `YAML_*`, `PATH_*`, `FILE_*`
 */
export function collectKustomization(
  tree: RepositoryTree,
  folder: string,
  input: TemplateInput
): ReadonlyMap<string, string | Buffer> {
  const files = new Map<string, string | Buffer>()
  const pending = [folder]
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const file = kustomizationIn(tree, at)
    if (file === undefined) throw unsupported(tree.nameOf(at), 'a base without a kustomization')
    if (files.has(file)) continue
    const kustomization = renderFile(tree, file, input, files)
    for (const target of referencesOf(kustomization, tree.nameOf(file))) {
      const treePath = tree.resolve(at, target.path)
      if (tree.kindOf(treePath) === 'folder') pending.push(treePath)
      else if (target.isYaml) renderFile(tree, treePath, input, files)
      else files.set(treePath, tree.readBytes(treePath))
    }
  }
  return files
}

function renderFile(
  tree: RepositoryTree,
  file: string,
  input: TemplateInput,
  files: Map<string, string | Buffer>
): JsonValue {
  const documents = renderTemplate(tree.nameOf(file), tree.read(file), input)
  files.set(file, documents.map(({ value }) => writeYaml(value)).join('---\n'))
  return documents[0]?.value ?? null
}

interface Reference {
  readonly path: string
  /** Rendered as YAML; anything else is copied as it is. */
  readonly isYaml: boolean
}

function referencesOf(kustomization: JsonValue, name: string): readonly Reference[] {
  if (!isJsonObject(kustomization)) throw unsupported(name, 'a kustomization that is no object')
  const used = refused.find(field => member(kustomization, field) !== undefined)
  if (used !== undefined) throw unsupported(name, used)
  const yaml = [
    ...lists.flatMap(field => texts(member(kustomization, field))),
    ...paths(member(kustomization, 'patches')),
    ...paths(member(kustomization, 'patchesJson6902')),
    ...paths(member(kustomization, 'replacements')),
    ...paths([member(kustomization, 'openapi') ?? null])
  ].filter(text => !text.includes('\n'))
  const remote = yaml.find(text =>
    /^[a-z+]+:\/\/|^[\w.-]+@|\?ref=|^(?:github|gitlab|bitbucket)\.\w+\//.test(text)
  )
  if (remote !== undefined) throw unsupported(name, 'a remote resource')
  return [
    ...yaml.map(target => ({ path: target, isYaml: true })),
    ...generatorFiles(kustomization).map(target => ({ path: target, isYaml: false }))
  ]
}

function generatorFiles(kustomization: JsonObject): readonly string[] {
  const generators = ['configMapGenerator', 'secretGenerator'].flatMap(field => {
    const list = member(kustomization, field)
    return isJsonArray(list) ? list : []
  })
  return generators.flatMap(generator => [
    ...texts(member(generator, 'files')).map(text => text.slice(text.indexOf('=') + 1)),
    ...texts(member(generator, 'envs')),
    ...texts([member(generator, 'env') ?? null])
  ])
}

function texts(list: JsonValue | undefined): readonly string[] {
  return isJsonArray(list) ? list.filter(item => typeof item === 'string') : []
}

function paths(list: JsonValue | undefined): readonly string[] {
  if (!isJsonArray(list)) return []
  return list.flatMap(item => stringMember(item, 'path') ?? [])
}

function unsupported(where: string, construct: string): Fault {
  return new Fault('KUSTOMIZATION_UNSUPPORTED', `${construct} is not supported`, {
    where,
    remedy: 'Keep what is built in the repository: local resources, components and patches.'
  })
}
