import { Fault } from '../common/fault.ts'
import { isJsonArray, isJsonObject } from '../common/json.ts'
import type { JsonObject, JsonValue } from '../common/json.ts'
import type { LocatedDocument } from '../common/yaml/read.ts'
import { fileOfItem } from './function/resource-list.ts'
import { describeIdentity, identify } from './manifest.ts'
import { isTemplate, renderText } from './template/render-template.ts'
import type { TemplateInput } from './template/render-template.ts'

/** The input objects of a KRM transformer, rendered instead of the files of an application path. */
export interface Items {
  readonly objects: readonly JsonObject[]
  /** Whether an object is verbatim: its braces are not read as expressions. */
  readonly isVerbatim: (object: JsonObject) => boolean
}

/**
 * Renders objects that another tool has parsed. Each of their strings and keys is a template of its own; it
 * was a string in the source, so the result is a string.
 *
 * @throws {Fault} `TEMPLATE_*`, `YAML_DUPLICATE_KEY`, with file and identity of the object
 */
export function renderItems(items: Items, input: TemplateInput): readonly LocatedDocument[] {
  return items.objects.map(object => {
    const name = nameOfItem(object)
    const value = items.isVerbatim(object) ? object : renderStrings(object, name, input)
    return { value, where: () => name, whereField: () => name }
  })
}

function renderStrings(value: JsonValue, name: string, input: TemplateInput): JsonValue {
  if (typeof value === 'string') return renderString(value, name, input)
  if (isJsonArray(value)) return value.map(item => renderStrings(item, name, input))
  if (!isJsonObject(value)) return value
  const members = new Map<string, JsonValue>()
  for (const [key, inner] of Object.entries(value)) {
    const rendered = renderString(key, name, input)
    if (members.has(rendered) || rendered === '__proto__') {
      throw new Fault('YAML_DUPLICATE_KEY', 'a key that an expression produces is not accepted', {
        where: name,
        remedy: 'Give each member of an object its own key.'
      })
    }
    members.set(rendered, renderStrings(inner, name, input))
  }
  return Object.fromEntries(members)
}

function renderString(text: string, name: string, input: TemplateInput): string {
  if (!isTemplate(text)) return text
  if (!text.includes('\n') && escapeInExpression.test(text)) {
    throw new Fault('TEMPLATE_SYNTAX', 'an expression in quotes contains a backslash', {
      where: name,
      found: 'a string that another tool has parsed: its quotes in the file are not known',
      remedy: 'Write it without a backslash, or in a block scalar (|).'
    })
  }
  return renderText(name, text, input)
}

/** A backslash between the braces of an expression that is not itself escaped. */
const escapeInExpression = /(?<!(?<!\\)\\)\{\{(?:(?!\}\})[^])*\\/

/** The file that the sender names in an annotation, and the object's identity. */
function nameOfItem(object: JsonObject): string {
  const identity = describeIdentity(identify(object))
  const file = fileOfItem(object)
  return file === undefined ? identity : `${file}: ${identity}`
}
