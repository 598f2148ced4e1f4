import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { JsonValue } from '../../common/json.ts'
import { renderTemplate, replaceVariables } from '../template/render-template.ts'
import type { TemplateForm, TemplateInput } from '../template/render-template.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import type { TemplateForms } from '../template-forms.ts'
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

/** The input of the templates of a kustomization. */
export interface KustomizationInput extends TemplateInput {
  readonly forms: TemplateForms
}

/**
 * Collects the files of a kustomization and its local bases, by tree path, with their YAML rendered.
 * Nothing is fetched and no plugin runs, so that a render depends on one commit only.
 *
 * @throws {Fault} `KUSTOMIZATION_UNSUPPORTED`, `TEMPLATE_*`, `YAML_*`, `PATH_*`, `PATTERN_UNMATCHED`, `FILE_*`
 */
export function collectKustomization(
  tree: RepositoryTree,
  folder: string,
  input: KustomizationInput
): ReadonlyMap<string, string | Buffer> {
  const files = new Map<string, string | Buffer>()
  const formOf = (file: string) => input.forms.of(path.posix.relative(folder, file))
  const targets = targetsOf(tree, folder, kustomization =>
    renderFile(tree, kustomization, { ...input, form: formOf(kustomization) }, files)
  )
  // A pattern with a mistake is reported before the braces that it was meant for.
  input.forms.refuseUnmatched(
    [...files.keys(), ...targets.keys()].map(file => path.posix.relative(folder, file)),
    'at least one file of the kustomization, such as job.yaml or ../base/job.yaml'
  )
  for (const [file, isYaml] of targets) {
    const form = formOf(file)
    if (!isYaml && files.has(file)) throw usedTwice(tree.nameOf(file))
    if (isYaml) renderFile(tree, file, { ...input, form }, files)
    else if (form === 'variables') files.set(file, withVariables(tree, file, input))
    else files.set(file, tree.readBytes(file))
  }
  return files
}

/**
 * The files that a kustomization and its local bases refer to, by tree path, and whether they are YAML.
 *
 * @param read returns the content of a kustomization
 */
function targetsOf(
  tree: RepositoryTree,
  folder: string,
  read: (kustomization: string) => JsonValue
): ReadonlyMap<string, boolean> {
  const targets = new Map<string, boolean>()
  const known = new Set<string>()
  const pending = [folder]
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const file = kustomizationIn(tree, at)
    if (file === undefined) throw unsupported(tree.nameOf(at), 'a base without a kustomization')
    if (known.has(file)) continue
    known.add(file)
    for (const { path: target, isYaml } of referencesOf(read(file), tree.nameOf(file))) {
      const treePath = tree.resolve(at, target)
      if (tree.kindOf(treePath) === 'folder') pending.push(treePath)
      else if ((targets.get(treePath) ?? isYaml) === isYaml) targets.set(treePath, isYaml)
      else throw usedTwice(tree.nameOf(treePath))
    }
  }
  return targets
}

function renderFile(
  tree: RepositoryTree,
  file: string,
  { form, ...input }: TemplateInput & { readonly form: TemplateForm },
  files: Map<string, string | Buffer>
): JsonValue {
  const documents = renderTemplate(tree.nameOf(file), tree.read(file), input, form)
  files.set(file, documents.map(({ value }) => writeYaml(value)).join('---\n'))
  return documents[0]?.value ?? null
}

/** A file that a generator reads. */
function withVariables(tree: RepositoryTree, file: string, input: TemplateInput): Buffer {
  return Buffer.from(replaceVariables(tree.nameOf(file), tree.read(file), input))
}

function usedTwice(where: string): Fault {
  return new Fault(
    'KUSTOMIZATION_UNSUPPORTED',
    'a file that is rendered as YAML cannot also be the input of a generator',
    { where, remedy: 'Copy the file: a generator reads its files unchanged.' }
  )
}
