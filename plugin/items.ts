import type { JsonObject } from '../common/json.ts'
import { writeYaml } from '../common/yaml/write.ts'
import type { LocatedDocument } from '../common/yaml/read.ts'
import { describeIdentity, identify } from './manifest.ts'
import { isTemplate, renderTemplate } from './template/render-template.ts'
import type { TemplateInput } from './template/render-template.ts'

/** Objects that are rendered in place of the files of an application path: what a transformer is given. */
export interface Items {
  readonly objects: readonly JsonObject[]
  /** Whether the braces of an object belong to another tool. */
  readonly isVerbatim: (object: JsonObject) => boolean
}

/**
 * Renders objects that another tool has read already. Their strings are templates: they were quoted
 * where they stood, so what comes out of them are strings.
 *
 * @throws {Fault} `TEMPLATE_*`, `YAML_*`, with the object in place of a file
 */
export function renderItems(items: Items, input: TemplateInput): readonly LocatedDocument[] {
  return items.objects.flatMap(object => {
    const name = describeIdentity(identify(object))
    const untouched = [{ value: object, where: () => name }]
    if (items.isVerbatim(object)) return untouched
    const text = writeYaml(object)
    return isTemplate(text) ? renderTemplate(name, text, input) : untouched
  })
}
