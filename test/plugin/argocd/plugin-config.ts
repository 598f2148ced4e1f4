import { member, stringMember, isJsonArray } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import { readYaml } from '../../../common/yaml/read.ts'

/** A command of plugin.yaml: started without a shell. */
export type Argv = readonly string[]

/** The settings that argocd-cmp-server reads from plugin.yaml; it ignores all others. */
export interface PluginConfig {
  /** The name of the plugin's socket. */
  readonly socket: string
  readonly init: Argv | undefined
  readonly generate: Argv
  readonly parameters: Argv | undefined
  readonly staticParameters: JsonValue
}

/**
 * Reads plugin.yaml with the three checks that argocd-cmp-server makes.
 * Source: argo-cd cmpserver/plugin/config.go, ValidatePluginConfig and Address.
 *
 * @throws {Error} with Argo CD's text
 */
export function readPluginConfig(text: string): PluginConfig {
  const value = readYaml(text, { file: 'plugin.yaml' })[0]?.value
  const name = stringMember(member(value, 'metadata'), 'name') ?? ''
  const kind = stringMember(value, 'kind') ?? ''
  const spec = member(value, 'spec')
  const generate = argvOf(member(spec, 'generate'))
  if (name === '') throw invalid('metadata.name should be non-empty.')
  if (kind !== 'ConfigManagementPlugin')
    throw invalid(`kind should be ConfigManagementPlugin, found ${kind}`)
  if (generate === undefined) throw invalid('spec.generate command should be non-empty')
  const version = stringMember(spec, 'version') ?? ''
  const parameters = member(spec, 'parameters')
  return {
    socket: version === '' ? `${name}.sock` : `${name}-${version}.sock`,
    init: argvOf(member(spec, 'init')),
    generate,
    parameters: argvOf(member(parameters, 'dynamic')),
    staticParameters: member(parameters, 'static') ?? []
  }
}

function argvOf(command: JsonValue | undefined): Argv | undefined {
  const texts = (key: string) => {
    const list = member(command, key)
    return isJsonArray(list) ? list.filter(item => typeof item === 'string') : []
  }
  return texts('command').length === 0 ? undefined : [...texts('command'), ...texts('args')]
}

function invalid(reason: string): Error {
  return new Error(`invalid plugin configuration file. ${reason}`)
}
