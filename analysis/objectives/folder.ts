import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { readYaml } from '../../common/yaml/read.ts'
import type { RolloutName } from '../event/message.ts'
import { isModelAnalysis, readModelAnalysis } from './model-analysis.ts'

/** The settings of each ModelAnalysis, by namespace and name of its Canary. */
export type DeclaredAnalyses = ReadonlyMap<string, ReadonlyMap<string, string>>

const maxFileBytes = 4 * 1024 * 1024

/** The key of a rollout in {@link DeclaredAnalyses}. */
export function rolloutKey({ namespace, name }: RolloutName): string {
  return `${namespace}/${name}`
}

/**
 * Reads every ModelAnalysis in the `*.yaml`, `*.yml` and `*.json` files of a folder, without subfolders.
 * Other objects are ignored.
 *
 * @param name the folder's name in messages
 * @throws {Fault} `FILE_UNREADABLE`, `FILE_TOO_LARGE`, `MODEL_ANALYSIS_INVALID`, and those of YAML
 */
export function readObjectivesFolder(folder: string, name: string): DeclaredAnalyses {
  const declared = new Map<string, ReadonlyMap<string, string>>()
  for (const file of list(folder, name)) {
    const where = path.posix.join(name, file)
    for (const { value, line } of readYaml(read(path.join(folder, file), where), { file: where })) {
      if (!isModelAnalysis(value)) continue
      const { rollout, settings } = readModelAnalysis(value, `${where}:${line}`)
      const key = rolloutKey(rollout)
      if (declared.has(key)) {
        throw new Fault('MODEL_ANALYSIS_INVALID', `the ModelAnalysis ${key} is duplicated`, {
          where: `${where}:${line}`
        })
      }
      declared.set(key, settings)
    }
  }
  return declared
}

function list(folder: string, name: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter(file => /\.(?:ya?ml|json)$/.test(file))
      .sort()
  } catch (error) {
    throw unreadable(error, name)
  }
}

function read(file: string, where: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw unreadable(error, where)
  }
  if (bytes.length <= maxFileBytes) return bytes.toString('utf8')
  throw new Fault('FILE_TOO_LARGE', 'the file is too large for a ModelAnalysis', {
    where,
    found: `${bytes.length} bytes`,
    expected: `at most ${maxFileBytes}`
  })
}

function unreadable(error: unknown, where: string): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Fault('FILE_UNREADABLE', `cannot read the objectives (${code})`, { where })
}
