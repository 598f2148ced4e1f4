import { Fault } from '../../common/fault.ts'
import { kindOf } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { isJsonObject } from '../../common/json.ts'
import { schemaErrorLines } from '../../evidence/schema-error.ts'
import type { PatchTarget } from '../patch/patch.ts'
import schema from './function-config.schema.json' with { type: 'json' }
import { validateFunctionConfig } from './function-config-validator.generated.js'

/** What a function is asked to do: `functionConfig` of a ResourceList, or a legacy plugin's file. */
export interface FunctionConfig {
  /** A generator adds what it renders; a transformer renders what it is given. */
  readonly kind: 'RenderGenerator' | 'RenderTransformer'
  readonly name: string
  /** The application path, relative to the folder the function is started in. */
  readonly path: string
  readonly environment: string | undefined
  /** Laid over the repository's value files. */
  readonly values: JsonObject
  readonly revision: string | undefined
  readonly repoUrl: string | undefined
  readonly namespace: string | undefined
  readonly appName: string | undefined
  /** Objects whose braces belong to another tool: stamped, not rendered. */
  readonly verbatim: readonly PatchTarget[]
}

/** The kinds of function configuration, which are the names of the legacy plugins too. */
export const functionKinds = ['RenderGenerator', 'RenderTransformer'] as const

interface ConfigObject {
  readonly kind: FunctionConfig['kind']
  readonly metadata: { readonly name: string }
  readonly spec?: Partial<Omit<FunctionConfig, 'kind' | 'name'>>
}

/**
 * Reads a function configuration.
 *
 * @param where what it is called in messages
 * @throws {Fault} `FUNCTION_CONFIG_INVALID` with every finding
 */
export function readFunctionConfig(value: JsonValue | undefined, where: string): FunctionConfig {
  if (!isJsonObject(value)) {
    throw new Fault('FUNCTION_CONFIG_INVALID', 'there is no function configuration', {
      where,
      found: kindOf(value),
      expected: 'an object of mlgitops.io/v1alpha1: RenderGenerator or RenderTransformer'
    })
  }
  const lines = [...schemaErrorLines(value, schema, validateFunctionConfig)]
  const { kind, metadata, spec = {} } = value as unknown as ConfigObject
  if (lines.length === 0 && kind === 'RenderGenerator') lines.push(...generatorFindings(spec))
  if (lines.length > 0) {
    const listed = lines.map(line => `\n  ${line}`).join('')
    throw new Fault('FUNCTION_CONFIG_INVALID', `the function cannot be configured:${listed}`, {
      where
    })
  }
  const { path = '.', values = {}, verbatim = [] } = spec
  const { environment, revision, repoUrl, namespace, appName } = spec
  return {
    kind,
    name: metadata.name,
    ...{ path, values, verbatim, environment, revision, repoUrl, namespace, appName }
  }
}

function generatorFindings(spec: NonNullable<ConfigObject['spec']>): readonly string[] {
  return [
    ...(spec.path === undefined ? ['spec.path: a generator needs an application path'] : []),
    ...(spec.verbatim === undefined
      ? []
      : ['spec.verbatim: a generator takes templates.verbatim of mlgitops.yaml'])
  ]
}
