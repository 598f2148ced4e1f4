import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Identity } from '../../evidence/identity.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'

/** More than any real object has. */
const maxValues = 100_000

/**
 * Returns the digests of the references to tasks outside of the cluster that Tekton writes into the
 * TaskRuns of a PipelineRun: it replaces parameters in them. One that needs more than the parameters of
 * the run and the defaults of its pipelines, such as the result of a task, is left out.
 *
 * @param run as it was rendered, because its parameters decide what is fetched
 * @param templates its pipelines
 * @param identity of the run in the cluster
 */
export function filledReferences(
  run: JsonObject,
  templates: readonly JsonObject[],
  { group, kind, namespace, name }: Identity
): readonly string[] {
  if (group !== 'tekton.dev' || kind !== 'PipelineRun') return []
  const values = new Map([
    ['context.pipelineRun.name', name],
    ['context.pipelineRun.namespace', namespace]
  ])
  addParameters(values, run, templates)
  return [run, ...templates].flatMap(remoteReferences).flatMap(reference => {
    const filled = fill(reference, values)
    const isWhole = !JSON.stringify(filled).includes('$(')
    return isWhole ? [digestOpaque({ value: filled })] : []
  })
}

/** By the name in an expression: `params.url`, `params.source.revision`, `context.pipelineRun.name`. */
type Values = ReadonlyMap<string, string>

function addParameters(
  values: Map<string, string>,
  run: JsonObject,
  templates: readonly JsonObject[]
): void {
  const pipelines = [member(run.spec, 'pipelineSpec'), ...templates.map(({ spec }) => spec)]
  const declared = pipelines.flatMap(pipeline => parameterList(pipeline))
  for (const each of declared) add(values, stringMember(each, 'name'), member(each, 'default'))
  for (const each of parameterList(run.spec)) {
    add(values, stringMember(each, 'name'), member(each, 'value'))
  }
}

function parameterList(holder: JsonValue | undefined): readonly JsonValue[] {
  const params = member(holder, 'params')
  return isJsonArray(params) ? params : []
}

function add(values: Map<string, string>, name = '', value: JsonValue | undefined): void {
  if (typeof value === 'string') values.set(`params.${name}`, value)
  if (!isJsonObject(value)) return
  for (const [key, each] of Object.entries(value)) add(values, `${name}.${key}`, each)
}

/** Every `taskRef` and `pipelineRef` with a resolver or a bundle. */
function remoteReferences(object: JsonObject): readonly JsonValue[] {
  const found: JsonValue[] = []
  const pending: JsonValue[] = [object.spec ?? null]
  for (let left = maxValues; left > 0; left -= 1) {
    const value = pending.pop()
    if (value === undefined) break
    if (isJsonArray(value)) pending.push(...value)
    if (!isJsonObject(value)) continue
    for (const [key, each] of Object.entries(value)) {
      const isReference = key === 'taskRef' || key === 'pipelineRef'
      const isRemote = ['resolver', 'bundle'].some(name => member(each, name) !== undefined)
      if (isReference && isRemote) found.push(each)
      else if (typeof each === 'object') pending.push(each)
    }
  }
  return found
}

const expression = /\$\((?<path>[\w.-]+)\)|\$\(params\[(?:"|')(?<name>[^"'\]]+)(?:"|')\]\)/gu

function fill(value: JsonValue, values: Values): JsonValue {
  if (typeof value === 'string') {
    return value.replaceAll(expression, (text, path?: string, name?: string) => {
      return values.get(path ?? `params.${name ?? ''}`) ?? text
    })
  }
  if (isJsonArray(value)) return value.map(each => fill(each, values))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, values)]))
}
