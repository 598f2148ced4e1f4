import path from 'node:path'

import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { describeFault, Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import { readCallerText, readKeyFile } from '../caller-file.ts'
import type { ProcessEnvironment } from '../origin/argocd.ts'
import { readFunctionConfig } from './function-config.ts'
import { functionOptions } from './function-options.ts'
import { readResourceList, readStream, writeResourceList } from './resource-list.ts'
import type { ResourceList } from './resource-list.ts'
import { readStandardInput } from './standard-input.ts'
import { runFunction } from './run-function.ts'

/** What `mlgitops fn --help` prints. */
export const functionUsage = (): string => `Usage: mlgitops fn [CONFIG] [options]

A KRM function for kustomize and kpt: reads a ResourceList from standard input and prints one. With CONFIG, a
file that holds the function configuration, it is a legacy exec plugin of kustomize: manifests in and out.
The configuration is a RenderGenerator or a RenderTransformer of mlgitops.io/v1alpha1 (docs/kustomize.md).

${optionLines(functionOptions)}
Exit codes: 0 rendered, 1 fault of the input, told on stderr and in the results, 2 wrong usage.
`

interface Surroundings {
  readonly env: ProcessEnvironment
  readonly folder: string
  readonly key: Key | undefined
}

/**
 * `mlgitops fn`.
 *
 * @param readInput reads the whole of standard input
 * @throws {Fault} for what cannot be read as a request, {@link UsageError} for the command line
 */
export async function functionCommand(
  { args, env, folder }: CommandInput,
  readInput: () => Promise<string> = readStandardInput
): Promise<CommandResult> {
  const { given, isHelp, positionals, named } = readOptions(functionOptions, { args, env })
  if (isHelp) return { stdout: functionUsage(), stderr: '', exitCode: 0 }
  const [file, ...others] = positionals
  if (others.length > 0) throw new UsageError('fn takes one CONFIG at most')
  const where = named.has('key') ? '--key' : functionOptions.key.variable
  const around = { env, folder, key: readKeyFile(given.key, where, folder) }
  const input = await readInput()
  return file === undefined
    ? answerList(readResourceList(input), around)
    : answerLegacy(file, readStream(input), around)
}

/** A fault is in the answer as well, for kpt; kustomize shows what is on stderr. */
async function answerList(list: ResourceList, around: Surroundings): Promise<CommandResult> {
  try {
    const config = readFunctionConfig(list.functionConfig, 'functionConfig')
    const { items, results } = await runFunction(config, list.items, around)
    const stderr = results
      .filter(({ severity }) => severity === 'warning')
      .map(({ message }) => `mlgitops: warning: ${message}\n`)
      .join('')
    return { stdout: writeResourceList({ ...list, items }, results), stderr, exitCode: 0 }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const message = describeFault(error)
    const stdout = writeResourceList(list, [{ message, severity: 'error' }])
    return { stdout, stderr: `mlgitops: ${message}\n`, exitCode: 1 }
  }
}

async function answerLegacy(
  file: string,
  given: readonly JsonObject[],
  around: Surroundings
): Promise<CommandResult> {
  const name = path.basename(file)
  const [document] = readYaml(readCallerText(path.resolve(around.folder, file), name), {
    file: name
  })
  const config = readFunctionConfig(document?.value, 'the configuration of the plugin')
  const { items, results } = await runFunction(config, given, around)
  const warnings = results.filter(({ severity }) => severity === 'warning')
  return {
    stdout: items.map(item => `---\n${writeYaml(item)}`).join(''),
    stderr: warnings.map(({ message }) => `mlgitops: warning: ${message}\n`).join(''),
    exitCode: 0
  }
}
