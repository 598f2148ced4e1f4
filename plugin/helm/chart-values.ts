import { Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import type { RenderContext } from '../context.ts'
import type { ValueFile } from '../sources.ts'
import type { Assignment } from '../values/assignment.ts'
import { builtInValues } from '../values/built-in.ts'
import { refuseKeys, setAt } from '../values/key-path.ts'
import { mergeKeepingNulls } from '../values/merge.ts'
import { builtInsKey } from './settings.ts'
import type { HelmSettings } from './settings.ts'

/**
 * The values of a chart: later files override earlier ones, and values set by name override files. Null is
 * kept: with it Helm removes the chart's default. A chart can use any name, such as `environment`, because
 * the built-in values are below one key.
 *
 * @throws {Fault} `VALUES_BUILT_IN`, `VALUES_KEY`, `VALUES_CONFLICT`
 */
export function chartValues(
  files: readonly ValueFile[],
  assignments: readonly Assignment[],
  settings: HelmSettings
): JsonObject {
  const key = builtInsKey(settings)
  const merged = files.reduce<JsonObject>((below, { file, values }) => {
    refuseKeys(values, file)
    refuseKey(values, key, file)
    return mergeKeepingNulls(below, values)
  }, {})
  return assignments.reduce((below, { keys, value, where }) => {
    refuseKey({ [keys[0] ?? '']: value }, key, where)
    return value === null && keys.every(name => typeof name === 'string')
      ? mergeKeepingNulls(below, removal(keys))
      : setAt(below, keys, value, where)
  }, merged)
}

/** Adds the built-in values below their key. */
export function withBuiltIns(
  values: JsonObject,
  facts: RenderContext,
  settings: HelmSettings
): JsonObject {
  const key = builtInsKey(settings)
  return key === undefined ? values : { ...values, [key]: builtInValues(facts) }
}

function removal(keys: readonly string[]): JsonObject {
  const [key = '', ...rest] = keys
  return { [key]: rest.length === 0 ? null : removal(rest) }
}

function refuseKey(values: JsonObject, key: string | undefined, where: string): void {
  if (key === undefined || !Object.hasOwn(values, key)) return
  throw new Fault('VALUES_BUILT_IN', `${key} cannot be set`, {
    where,
    found: `the value ${key}`,
    remedy: `mlgitops sets it for the chart. Choose another key with helm.builtIns in mlgitops.yaml.`
  })
}
