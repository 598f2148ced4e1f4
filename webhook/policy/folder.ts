import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { buildPolicySet } from './policy-set.ts'
import type { PolicySet, PolicySource } from './policy-set.ts'

const maxFileBytes = 4 * 1024 * 1024

/**
 * Reads the policies of a folder: every `*.yaml`, `*.yml` and `*.json` file directly in it that is not a
 * kustomization.
 *
 * @param name the folder's name in messages
 * @throws {Fault} for an unreadable file and as {@link buildPolicySet}; `POLICY_NONE` for a folder
 *   without a policy, which would admit everything
 */
export function readPolicyFolder(
  folder: string,
  name: string,
  exceptionNamespaces: readonly string[]
): PolicySet {
  const set = buildPolicySet(readSources(folder, name), exceptionNamespaces)
  if (set.policies.length > 0) return set
  throw new Fault('POLICY_NONE', 'no policy was found', {
    where: name,
    remedy: 'name a folder with ModelPolicy files'
  })
}

function readSources(folder: string, name: string): readonly PolicySource[] {
  return listFiles(folder, name).flatMap(file => {
    const where = path.posix.join(name, file)
    const text = readText(path.join(folder, file), where)
    return readYaml(text, { file: where })
      .filter(({ value }) => value !== null)
      .map(({ value, line }) => ({ value, where: `${where}:${line}` }))
  })
}

function listFiles(folder: string, name: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter(file => /\.(?:ya?ml|json)$/.test(file) && !/^kustomization\.ya?ml$/.test(file))
      .sort()
  } catch (error) {
    throw unreadable(error, name, 'the folder')
  }
}

function readText(file: string, where: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw unreadable(error, where, 'the file')
  }
  if (bytes.length <= maxFileBytes) return bytes.toString('utf8')
  throw new Fault('FILE_TOO_LARGE', 'the file is too large for a policy', {
    where,
    found: `${bytes.length} bytes`,
    expected: `at most ${maxFileBytes}`
  })
}

function unreadable(error: unknown, where: string, what: string): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Fault('FILE_UNREADABLE', `${what} cannot be read (${code})`, { where })
}
