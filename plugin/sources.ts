import path from 'node:path'
import { Fault } from '../common/fault.ts'
import { isJsonObject } from '../common/json.ts'
import type { JsonObject } from '../common/json.ts'
import { memoize } from '../common/memoize.ts'
import { readJsonText } from '../common/yaml/json-text.ts'
import { readYaml } from '../common/yaml/read.ts'
import { biasAuditFiles } from '../evidence/bias-audit/bias-audit.ts'
import { parseBiasAudit } from '../evidence/bias-audit/parse.ts'
import { isPlainAudit, plainAuditWarning } from '../evidence/bias-audit/plain-text.ts'
import { summariseBiasAudit } from '../evidence/bias-audit/summary.ts'
import type { Project } from './project/project.ts'
import type { RepositoryTree } from './repository/tree.ts'
import type { ModelEvidence } from './stage/attest.ts'
import type { ValuesSchema } from './values/schema.ts'

/** A value file: its content and its name in messages. */
export interface ValueFile {
  readonly file: string
  readonly values: JsonObject
  /** Its tree path, if it is in the repository. */
  readonly treePath?: string
}

/** The folders with value files: the root and the application path, which can be the same. */
export function valueFolders(sourcePath: string): readonly string[] {
  return sourcePath === '.' ? ['.'] : ['.', sourcePath]
}

/** A value file by its tree path. A file with a usual name need not exist. */
export interface ValueFilePath {
  readonly file: string
  readonly isOptional: boolean
}

/**
 * The value files of a render, later ones override earlier ones: values.yaml, the project's files,
 * configs/base.yaml, configs/<environment>.yaml; in each step the root's file comes first.
 *
 * @throws {Fault} `PATH_OUTSIDE`
 */
export function valueFilePaths(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project,
  environment: string | undefined
): readonly ValueFilePath[] {
  const usual = (name: string) =>
    valueFolders(sourcePath).map(folder => ({
      file: path.posix.join(folder, name),
      isOptional: true
    }))
  const named = (names: readonly string[] = []) =>
    names.map(name => ({ file: tree.resolve(sourcePath, name), isOptional: false }))
  const settings = environment === undefined ? undefined : project.environments.get(environment)
  return [
    ...usual('values.yaml'),
    ...named(project.values),
    ...named(project.helm?.valueFiles),
    ...usual('configs/base.yaml'),
    ...(environment === undefined ? [] : usual(`configs/${environment}.yaml`)),
    ...named(settings?.values)
  ]
}

/**
 * Reads the files of {@link valueFilePaths}.
 *
 * @throws {Fault} `VALUES_NOT_OBJECT`, `PATH_NOT_FOUND`, `YAML_*`, `FILE_*`, `PATH_*`
 */
export function readValueFiles(
  tree: RepositoryTree,
  paths: readonly ValueFilePath[]
): readonly ValueFile[] {
  return paths
    .filter(({ file, isOptional }) => !isOptional || tree.kindOf(file) !== 'absent')
    .map(({ file }) => ({
      file: tree.nameOf(file),
      values: readValues(tree.read(file), tree.nameOf(file)),
      treePath: file
    }))
}

/** Parses the text of a value file. @throws {Fault} `VALUES_NOT_OBJECT`, `YAML_*` */
export function readValues(text: string, file: string): JsonObject {
  try {
    return parsedBefore(text)
  } catch {
    return parseValues(text, file)
  }
}

/** A render reads a value file for the model's values and for its own, and one for several environments. */
const parsedBefore = memoize(text => parseValues(text, ''), {
  maxTexts: 64,
  maxCharacters: 64 * 1024
})

function parseValues(text: string, file: string): JsonObject {
  const json = readJsonText(text)
  if (json !== undefined) return json
  const documents = readYaml(text, { file, literalKeys: true, exactNumbers: 'all' })
  const value = documents[0]?.value ?? null
  if (documents.length <= 1 && (value === null || isJsonObject(value))) return value ?? {}
  throw new Fault('VALUES_NOT_OBJECT', 'a value file must contain one object', { where: file })
}

/** Reads the schemas for the values in folders that can have one. */
export function readValuesSchemas(
  tree: RepositoryTree,
  folders: readonly string[]
): readonly ValuesSchema[] {
  return folders
    .map(folder => path.posix.join(folder, 'values.schema.json'))
    .filter(file => tree.kindOf(file) !== 'absent')
    .map(file => ({
      file: tree.nameOf(file),
      schema: readValues(tree.read(file), tree.nameOf(file))
    }))
}

/** The environments with a file, and those that the project names. */
export function knownEnvironments(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project
): readonly string[] {
  const withFile = valueFolders(sourcePath)
    .map(folder => path.posix.join(folder, 'configs'))
    .filter(folder => tree.kindOf(folder) === 'folder')
    .flatMap(folder => tree.list(folder))
    .map(({ name }) => /^(?!base\.)([^.].*)\.yaml$/.exec(name)?.[1])
    .filter(name => name !== undefined)
  return [...new Set([...withFile, ...project.environments.keys()])].sort()
}

/** The possible evidence files of an application path, by tree path. */
export function evidenceFiles(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project
): readonly string[] {
  if (project.biasAudit !== undefined) return [tree.resolve(sourcePath, project.biasAudit)]
  return biasAuditFiles.map(name => path.posix.join(sourcePath, name))
}

/** The evidence of an application path without an audit. */
export function noEvidence(project: Project): ModelEvidence {
  return {
    files: [],
    biasAudit: undefined,
    model: project.model.name,
    registryKinds: project.kinds
  }
}

/**
 * Reads the evidence of an application path: its bias audit, if it has one.
 *
 * A plain Markdown text is evidence without figures.
 *
 * @throws {Fault} `BIAS_AUDIT_*`; `BIAS_AUDIT_TWICE` if there are two files
 */
export function readEvidence(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project
): ModelEvidence {
  const files = evidenceFiles(tree, sourcePath, project).filter(
    file => project.biasAudit !== undefined || tree.kindOf(file) !== 'absent'
  )
  const [file, other] = files
  if (file === undefined) return noEvidence(project)
  if (other !== undefined) {
    throw new Fault('BIAS_AUDIT_TWICE', 'the application path has two bias audits', {
      where: tree.nameOf(other),
      found: `also ${tree.nameOf(file)}`,
      remedy: 'Remove one of the two.'
    })
  }
  const [text, name] = [tree.read(file), tree.nameOf(file)]
  return {
    ...noEvidence(project),
    files: [{ path: path.posix.relative(sourcePath, file), bytes: tree.readBytes(file) }],
    biasAudit: isPlainAudit(text, name) ? undefined : summariseBiasAudit(parseBiasAudit(text, name))
  }
}

/** Warns of a bias audit that is plain text, which most policies refuse. */
export function evidenceWarnings(
  { files, biasAudit }: ModelEvidence,
  tree: RepositoryTree,
  sourcePath: string
): readonly string[] {
  if (biasAudit !== undefined) return []
  return files.map(file => plainAuditWarning(tree.nameOf(path.posix.join(sourcePath, file.path))))
}
