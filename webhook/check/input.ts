import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { isJsonObject, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { isKustomization } from '../policy/kustomization-file.ts'
import { openList } from '../policy/read-policy.ts'

/** A manifest with its file and line: `job.yaml:7`. */
export interface CheckedManifest {
  readonly object: JsonObject
  readonly file: string
  readonly line: number
}

/**
 * Reads every object of files, folders (`*.yaml|*.yml|*.json` at any depth)
 * and standard input (`-`). Lists are expanded, and kustomizations left out.
 *
 * @throws {Fault} for an unreadable file, a symbolic link in a folder, and a document that is not a
 *   Kubernetes object; `MANIFEST_NONE` for no object at all, so that a renderer that failed before a
 *   pipe does not pass
 */
export function readManifests(
  targets: readonly string[],
  folder: string,
  readStdin: () => string
): readonly CheckedManifest[] {
  const manifests = targets.flatMap(target => {
    if (target === '-') return parseManifests(readOrFault(readStdin, 'stdin'), 'stdin')
    return filesOf(path.resolve(folder, target), target).flatMap(({ absolute, name }) =>
      parseManifests(readText(absolute, name), name)
    )
  })
  if (manifests.length > 0) return manifests
  throw new Fault('MANIFEST_NONE', 'there is nothing to check', {
    where: targets.map(target => (target === '-' ? 'stdin' : target)).join(', '),
    expected: 'at least one Kubernetes object'
  })
}

/**
 * Reads every object of a YAML or JSON text.
 *
 * @throws {Fault} of YAML, and `MANIFEST_INVALID`
 */
export function parseManifests(text: string, file: string): readonly CheckedManifest[] {
  return readYaml(text, { file })
    .filter(({ value }) => value !== null && !isKustomization(value, file))
    .flatMap(({ value, line }) =>
      openList(value).map(object => {
        if (isManifest(object)) return { object, file, line }
        throw new Fault('MANIFEST_INVALID', 'this is not a Kubernetes object', {
          where: `${file}:${line}`,
          expected: 'apiVersion, kind and metadata'
        })
      })
    )
}

/**
 * Reads the text of a file.
 *
 * @param name its name in messages
 * @throws {Fault} `FILE_UNREADABLE`
 */
export function readText(absolute: string, name: string): string {
  return readOrFault(() => readFileSync(absolute, 'utf8'), name)
}

/** True when the object has a kind to judge by. A `List` without a list of items has none. */
function isManifest(object: JsonValue): object is JsonObject {
  const kind = stringMember(object, 'kind') ?? ''
  return (
    isJsonObject(object) &&
    kind !== '' &&
    kind !== 'List' &&
    (stringMember(object, 'apiVersion') ?? '') !== ''
  )
}

interface NamedFile {
  readonly absolute: string
  readonly name: string
}

function filesOf(absolute: string, name: string): readonly NamedFile[] {
  return readOrFault(() => {
    if (!statSync(absolute).isDirectory()) return [{ absolute, name }]
    return readdirSync(absolute, { recursive: true, withFileTypes: true })
      .map(entry => {
        const file = path.join(entry.parentPath, entry.name)
        return { entry, absolute: file, name: path.join(name, path.relative(absolute, file)) }
      })
      .filter(isManifestFile)
      .sort((a, b) => (a.absolute < b.absolute ? -1 : 1))
  }, name)
}

function isManifestFile({ entry, absolute, name }: NamedFile & { readonly entry: Dirent }) {
  const isNamed = /\.(?:ya?ml|json)$/.test(entry.name)
  if (!entry.isSymbolicLink()) return isNamed && entry.isFile()
  const target = statSync(absolute, { throwIfNoEntry: false })
  if (!isNamed && target?.isDirectory() !== true) return false
  throw new Fault('LINK_NOT_FOLLOWED', 'a symbolic link in a folder is not followed', {
    where: name,
    remedy: 'name its target on the command line, or remove the link'
  })
}

function readOrFault<Result>(read: () => Result, where: string): Result {
  try {
    return read()
  } catch (error) {
    if (error instanceof Fault) throw error
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('FILE_UNREADABLE', `the input cannot be read (${code})`, { where })
  }
}
