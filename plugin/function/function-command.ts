import path from 'node:path'

import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { describeFault, Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import { readCallerText } from '../caller-file.ts'
import { readFunctionConfig } from './function-config.ts'
import { functionOptions } from './function-options.ts'
import { readResourceList, readStream, writeResourceList } from './resource-list.ts'
import type { ResourceList } from './resource-list.ts'
import { readSigning } from '../signer/read-signing.ts'
import { readStandardInput } from './standard-input.ts'
import { runFunction } from './run-function.ts'
import type { FunctionCaller } from './run-function.ts'

/** What `mlgitops fn --help` prints. */
export const functionUsage = (): string => `Usage: mlgitops fn [CONFIG] [options]

A KRM function for kustomize and kpt: reads a ResourceList from standard input and prints one. With CONFIG, a
file with the function configuration, it is a legacy exec plugin of kustomize: reads and prints manifests.
The configuration is a RenderGenerator or a RenderTransformer of mlgitops.io/v1alpha1 (docs/kustomize.md).

${optionLines(functionOptions)}
Exit codes: 0 success, 1 invalid input (the error is on stderr and in the results), 2 wrong usage.
`

/**
 * Runs `mlgitops fn`.
 *
 * @param readInput reads the whole standard input
 * @throws {Fault} for input that is not a valid request, {@link UsageError} for a wrong command line
 */
export async function functionCommand(
  { args, env, folder }: CommandInput,
  readInput: () => Promise<string> = readStandardInput
): Promise<CommandResult> {
  const { given, isHelp, positionals, named } = readOptions(functionOptions, { args, env })
  if (isHelp) return { stdout: functionUsage(), stderr: '', exitCode: 0 }
  const [file, ...others] = positionals
  if (others.length > 0) throw new UsageError('fn takes at most one CONFIG')
  const caller = {
    ...{ env, folder, signing: readSigning(given, { env, folder, named }) },
    isSignatureRequired: given['require-signature']
  }
  const input = await readInput()
  return file === undefined
    ? answerList(readResourceList(input), caller)
    : answerLegacy(file, readStream(input), caller)
}

/** Reports a fault on stderr, which kustomize shows, and in the results, which kpt reads. */
async function answerList(list: ResourceList, caller: FunctionCaller): Promise<CommandResult> {
  try {
    const config = readFunctionConfig(list.functionConfig, 'functionConfig')
    const { items, results } = await runFunction(config, list.items, caller, list.styles)
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
  caller: FunctionCaller
): Promise<CommandResult> {
  const name = path.basename(file)
  const [document] = readYaml(readCallerText(path.resolve(caller.folder, file), name), {
    file: name,
    schema: 'core',
    exactNumbers: 'integers'
  })
  const config = readFunctionConfig(document?.value, 'the plugin configuration')
  const { items, results } = await runFunction(config, given, caller)
  const warnings = results.filter(({ severity }) => severity === 'warning')
  return {
    stdout: items.map(item => `---\n${writeYaml(item)}`).join(''),
    stderr: warnings.map(({ message }) => `mlgitops: warning: ${message}\n`).join(''),
    exitCode: 0
  }
}
