import path from 'node:path'
import type { JsonValue } from '../../common/json.ts'
import { renderTemplate } from '../template/render-template.ts'
import type { TemplateInput } from '../template/render-template.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import { referencesOf, unsupported } from './references.ts'

/** The file names of a kustomization, in kustomize's order. */
export const kustomizationFiles = [
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization'
] as const

/** The kustomization file of a folder, if it has one. */
export function kustomizationIn(tree: RepositoryTree, folder: string): string | undefined {
  return kustomizationFiles
    .map(name => path.posix.join(folder, name))
    .find(file => tree.kindOf(file) !== 'absent')
}

/**
 * Collects the files of a kustomization and its local bases, by tree path, with their YAML rendered.
 * Nothing is fetched and no plugin runs, so that a render depends on one commit only.
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
