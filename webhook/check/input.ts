import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { isJsonObject, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { openList } from '../policy/read-policy.ts'

/** A manifest and where it stands: `job.yaml:7`. */
export interface CheckedManifest {
  readonly object: JsonObject
  readonly file: string
  readonly line: number
}

/**
 * Every object of files, of folders (`*.yaml|*.yml|*.json` at any depth, links not followed) and of
 * standard input (`-`). Lists are opened.
 *
 * @throws {Fault} for what cannot be read, and for a document that is no Kubernetes object
 */
export function readManifests(
  targets: readonly string[],
  folder: string,
  readStdin: () => string
): readonly CheckedManifest[] {
  return targets.flatMap(target => {
    if (target === '-') return parseManifests(readStdin(), 'stdin')
    return filesOf(path.resolve(folder, target), target).flatMap(({ absolute, name }) =>
      parseManifests(readText(absolute, name), name)
    )
  })
}

/** Every object of a YAML or JSON text. */
export function parseManifests(text: string, file: string): readonly CheckedManifest[] {
  const manifests: CheckedManifest[] = []
  for (const { value, line } of readYaml(text, { file })) {
    if (value === null) continue
    for (const object of openList(value)) {
      if (!isJsonObject(object) || stringMember(object, 'kind') === undefined) {
        throw new Fault('MANIFEST_INVALID', 'this is no Kubernetes object', {
          where: `${file}:${line}`,
          expected: 'apiVersion, kind and metadata'
        })
      }
      manifests.push({ object, file, line })
    }
  }
  return manifests
}

interface NamedFile {
  readonly absolute: string
  readonly name: string
}

function filesOf(absolute: string, name: string): readonly NamedFile[] {
  try {
    if (!statSync(absolute).isDirectory()) return [{ absolute, name }]
    return readdirSync(absolute, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
      .map(entry => path.join(entry.parentPath, entry.name))
      .sort()
      .map(file => ({ absolute: file, name: path.join(name, path.relative(absolute, file)) }))
  } catch (error) {
    throw unreadable(error, name)
  }
}

function readText(absolute: string, name: string): string {
  try {
    return readFileSync(absolute, 'utf8')
  } catch (error) {
    throw unreadable(error, name)
  }
}

function unreadable(error: unknown, where: string): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Fault('FILE_UNREADABLE', `this cannot be read (${code})`, { where })
}
