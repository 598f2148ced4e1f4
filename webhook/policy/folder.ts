import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { buildPolicySet } from './policy-set.ts'
import type { PolicySet } from './policy-set.ts'
import { readPolicySources } from './policy-source.ts'
import type { PolicySource } from './policy-source.ts'

const maxFileBytes = 4 * 1024 * 1024

/** A file or a folder of policies. */
export interface PolicyPath {
  readonly absolute: string
  /** Its name in messages. */
  readonly name: string
}

/**
 * Reads policies: files, and every `*.yaml`, `*.yml` and `*.json` file directly in a folder. The
 * kustomization of a folder is no policy.
 *
 * @throws {Fault} for an unreadable file and as {@link buildPolicySet}; `POLICY_NONE` if there is no
 *   policy, which would admit everything
 */
export function readPolicies(
  paths: readonly PolicyPath[],
  exceptionNamespaces: readonly string[]
): PolicySet {
  const set = buildPolicySet(paths.flatMap(readSources), exceptionNamespaces)
  if (set.policies.length > 0) return set
  throw new Fault('POLICY_NONE', 'no policy was found', {
    where: paths.map(({ name }) => name).join(', '),
    remedy: 'name a folder with ModelPolicy files'
  })
}

/** Reads one file or folder as {@link readPolicies} does. */
export function readPolicyFolder(
  folder: string,
  name: string,
  exceptionNamespaces: readonly string[]
): PolicySet {
  return readPolicies([{ absolute: folder, name }], exceptionNamespaces)
}

function readSources(given: PolicyPath): readonly PolicySource[] {
  return filesOf(given).flatMap(({ absolute, name }) =>
    readPolicySources(readText(absolute, name), name)
  )
}

function filesOf({ absolute, name }: PolicyPath): readonly PolicyPath[] {
  try {
    if (statSync(absolute).isFile()) return [{ absolute, name }]
    return readdirSync(absolute)
      .filter(file => /\.(?:ya?ml|json)$/.test(file))
      .sort()
      .map(file => ({ absolute: path.join(absolute, file), name: path.posix.join(name, file) }))
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
