import { annotations } from '../../evidence/annotations.ts'
import { workloadKinds } from '../../evidence/workload/table.ts'
import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { RenderContext } from '../context.ts'
import { identify } from '../manifest.ts'
import type { Manifest } from '../manifest.ts'

/** Writes the commit, the repository and the model's commit onto every object. */
export function stamp(
  manifests: readonly Manifest[],
  context: RenderContext,
  stampPodTemplates: boolean
): readonly Manifest[] {
  const stamps = stampsOf(context)
  return manifests.map(manifest => {
    const stamped = annotate(manifest.object, stamps)
    return {
      ...manifest,
      object: stampPodTemplates ? annotatePodTemplates(stamped, stamps) : stamped
    }
  })
}

/** The object with annotations added; those of the same name are replaced. */
export function annotate(object: JsonObject, added: Readonly<Record<string, string>>): JsonObject {
  const metadata = member(object, 'metadata')
  const own = isJsonObject(metadata) ? metadata : {}
  const present = member(own, 'annotations')
  return {
    ...object,
    metadata: { ...own, annotations: { ...(isJsonObject(present) ? present : {}), ...added } }
  }
}

function stampsOf(context: RenderContext): Readonly<Record<string, string>> {
  const { commit, repository, modelCommit, isDirty } = context
  return {
    [annotations.gitCommit]: commit,
    ...(repository === undefined ? {} : { [annotations.gitRepo]: repository.url }),
    [annotations.modelCommit]: modelCommit,
    ...(isDirty ? { [annotations.gitDirty]: 'true' } : {})
  }
}

/** Pod templates of the kinds in the workload table that have `….template.spec`. */
function annotatePodTemplates(
  object: JsonObject,
  stamps: Readonly<Record<string, string>>
): JsonObject {
  const { group, kind } = identify(object)
  const row = workloadKinds.find(known => known.group === group && known.kind === kind)
  const templates = (row?.podSpecs ?? []).filter(path => path.endsWith('template.spec'))
  return templates.reduce<JsonObject>((stamped, path) => {
    const steps = path.split('.').slice(0, -1)
    const result = change(stamped, steps, template =>
      isJsonObject(template) ? annotate(template, stamps) : template
    )
    return isJsonObject(result) ? result : stamped
  }, object)
}

function change(
  value: JsonValue,
  steps: readonly string[],
  edit: (value: JsonValue) => JsonValue
): JsonValue {
  const [step, ...rest] = steps
  if (step === undefined) return edit(value)
  const name = step.replace(/[[\]{}]/g, '')
  const inner = member(value, name)
  if (!isJsonObject(value) || inner === undefined) return value
  return { ...value, [name]: changeEach(inner, step, part => change(part, rest, edit)) }
}

function changeEach(
  value: JsonValue,
  step: string,
  edit: (value: JsonValue) => JsonValue
): JsonValue {
  if (step.endsWith('[]')) return isJsonArray(value) ? value.map(edit) : value
  if (!step.endsWith('{}')) return edit(value)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, edit(inner)]))
}
