import type { JsonObject } from '../common/json.ts'
import { writeYaml } from '../common/yaml/write.ts'
import type { LocatedDocument } from '../common/yaml/read.ts'
import { fileOfItem } from './function/resource-list.ts'
import { describeIdentity, identify } from './manifest.ts'
import { isTemplate, renderTemplate } from './template/render-template.ts'
import type { TemplateInput } from './template/render-template.ts'

/** The input objects of a KRM transformer, rendered instead of the files of an application path. */
export interface Items {
  readonly objects: readonly JsonObject[]
  /** Whether an object is verbatim: its braces are not read as expressions. */
  readonly isVerbatim: (object: JsonObject) => boolean
}

/**
 * Renders objects that another tool has parsed. Their strings are templates; they were strings in the
 * source, so the results are strings.
 *
 * @throws {Fault} `TEMPLATE_*`, `YAML_*`, with the object's identity instead of a file name
 */
export function renderItems(items: Items, input: TemplateInput): readonly LocatedDocument[] {
  return items.objects.flatMap(object => {
    const name = nameOfItem(object)
    const untouched = [{ value: object, where: () => name }]
    if (items.isVerbatim(object)) return untouched
    const text = writeYaml(object)
    return isTemplate(text) ? renderTemplate(name, text, input) : untouched
  })
}

/** The file that the sender names in an annotation, and the object's identity. */
function nameOfItem(object: JsonObject): string {
  const identity = describeIdentity(identify(object))
  const file = fileOfItem(object)
  return file === undefined ? identity : `${file}: ${identity}`
}
