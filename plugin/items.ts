import { Fault } from '../common/fault.ts'
import { isJsonArray, isJsonObject, stringMember } from '../common/json.ts'
import type { JsonObject, JsonValue } from '../common/json.ts'
import type { LocatedDocument } from '../common/yaml/read.ts'
import type { ScalarStyle, ScalarStyles } from '../common/yaml/scalar-styles.ts'
import { fileOfItem } from './function/resource-list.ts'
import { refuseLostText } from './item-text.ts'
import { describeIdentity, identify } from './manifest.ts'
import { isTemplate, renderText } from './template/render-template.ts'
import type { TemplateInput } from './template/render-template.ts'

/** The input objects of a KRM transformer, rendered instead of the files of an application path. */
export interface Items {
  readonly objects: readonly JsonObject[]
  /** Whether an object is verbatim: its braces are not read as expressions. */
  readonly isVerbatim: (object: JsonObject) => boolean
  /** How the strings of an object are written; undefined if its sender printed them anew. */
  readonly stylesOf?: (object: JsonObject) => ScalarStyles | undefined
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
    const reader = { name, input: readingFor(object, input), styles: items.stylesOf?.(object) }
    const value = items.isVerbatim(object) ? object : renderMembers(object, reader)
    return { value, where: () => name, whereField: () => name }
  })
}

/** The strings of an object are templates of their own: what they read is read by the object. */
function readingFor(object: JsonObject, input: TemplateInput): TemplateInput {
  const { read } = input
  if (read === undefined) return input
  const [apiVersion = '', kind = ''] = [
    stringMember(object, 'apiVersion'),
    stringMember(object, 'kind')
  ]
  const text = `apiVersion: ${apiVersion}\nkind: ${kind}\n`
  return {
    ...input,
    read: found => {
      read({ ...found, text, offset: text.length })
    }
  }
}

interface Reader {
  readonly name: string
  readonly input: TemplateInput
  readonly styles: ScalarStyles | undefined
}

function renderMembers(value: JsonValue, reader: Reader): JsonValue {
  if (isJsonArray(value)) {
    return value.map((item, index) => renderMember(item, value, String(index), reader))
  }
  if (!isJsonObject(value)) return value
  const members = new Map<string, JsonValue>()
  for (const [key, inner] of Object.entries(value)) {
    const rendered = renderString(key, reader.styles?.ofKey(value, key), reader)
    if (members.has(rendered) || rendered === '__proto__') {
      throw new Fault('YAML_DUPLICATE_KEY', 'a key that an expression produces is not accepted', {
        where: reader.name,
        remedy: 'Give each member of an object its own key.'
      })
    }
    members.set(rendered, renderMember(inner, value, key, reader))
  }
  return Object.fromEntries(members)
}

function renderMember(value: JsonValue, container: JsonValue, key: string, reader: Reader) {
  return typeof value === 'string'
    ? renderString(value, reader.styles?.ofValue(container, key), reader)
    : renderMembers(value, reader)
}

function renderString(
  text: string,
  style: ScalarStyle | undefined,
  { name, input }: Reader
): string {
  if (!isTemplate(text)) return text
  refuseLostText(name, text, style ?? 'unknown')
  return renderText(name, text, input)
}

/** The file that the sender names in an annotation, and the object's identity. */
function nameOfItem(object: JsonObject): string {
  const identity = describeIdentity(identify(object))
  const file = fileOfItem(object)
  return file === undefined ? identity : `${file}: ${identity}`
}
