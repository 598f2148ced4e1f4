import { Fault } from '../../common/fault.ts'
import { kindOf } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { isJsonObject } from '../../common/json.ts'
import { schemaErrorLines } from '../../evidence/schema-error.ts'
import type { PatchTarget } from '../patch/patch.ts'
import schema from './function-config.schema.json' with { type: 'json' }
import { validateFunctionConfig } from './function-config-validator.generated.js'

/** A function configuration: `functionConfig` of a ResourceList, or the file of a legacy plugin. */
export interface FunctionConfig {
  /** A generator adds rendered objects; a transformer renders the items that it receives. */
  readonly kind: 'RenderGenerator' | 'RenderTransformer'
  readonly name: string
  /** The application path, relative to the folder in which the function is started. */
  readonly path: string
  readonly environment: string | undefined
  /** They override the repository's value files. */
  readonly values: JsonObject
  readonly revision: string | undefined
  readonly repoUrl: string | undefined
  readonly namespace: string | undefined
  readonly appName: string | undefined
  /** Objects that are stamped and not rendered, because another tool reads their braces. */
  readonly verbatim: readonly PatchTarget[]
}

/** The kinds of function configuration, which are also the names of the legacy plugins. */
export const functionKinds = ['RenderGenerator', 'RenderTransformer'] as const

interface ConfigObject {
  readonly kind: FunctionConfig['kind']
  readonly metadata: { readonly name: string }
  readonly spec?: Partial<Omit<FunctionConfig, 'kind' | 'name'>>
}

/**
 * Reads a function configuration.
 *
 * @param where how messages name it
 * @throws {Fault} `FUNCTION_CONFIG_INVALID` with every problem
 */
export function readFunctionConfig(value: JsonValue | undefined, where: string): FunctionConfig {
  if (!isJsonObject(value)) {
    throw new Fault('FUNCTION_CONFIG_INVALID', 'the function configuration is missing', {
      where,
      found: kindOf(value),
      expected: 'a RenderGenerator or RenderTransformer of mlgitops.io/v1alpha1'
    })
  }
  const lines = [...schemaErrorLines(value, schema, validateFunctionConfig)]
  const { kind, metadata, spec = {} } = value as unknown as ConfigObject
  if (lines.length === 0 && kind === 'RenderGenerator') lines.push(...generatorProblems(spec))
  if (lines.length > 0) {
    const listed = lines.map(line => `\n  ${line}`).join('')
    throw new Fault('FUNCTION_CONFIG_INVALID', `the function configuration is invalid:${listed}`, {
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

function generatorProblems(spec: NonNullable<ConfigObject['spec']>): readonly string[] {
  return [
    ...(spec.path === undefined ? ['spec.path: required for a RenderGenerator'] : []),
    ...(spec.verbatim === undefined
      ? []
      : ['spec.verbatim: not for a RenderGenerator; use templates.verbatim in mlgitops.yaml'])
  ]
}
