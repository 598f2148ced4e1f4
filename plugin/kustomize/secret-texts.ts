import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { locateYaml } from '../../common/yaml/read.ts'

/**
 * The texts of a kustomization that can be secret and must not appear in messages: lines of the files
 * that generators read, data of Secrets, literals of secret generators.
 */
export function secretTexts(files: ReadonlyMap<string, string | Buffer>): readonly JsonValue[] {
  return [...files].flatMap(([file, content]): readonly JsonValue[] =>
    typeof content === 'string'
      ? locateYaml(content, { file }).flatMap(({ value }) => secretsIn(value))
      : linesOf(content.toString('latin1'))
  )
}

function secretsIn(value: JsonValue): readonly JsonValue[] {
  const generators = member(value, 'secretGenerator')
  const literals = (isJsonArray(generators) ? generators : []).flatMap(generator => {
    const list = member(generator, 'literals')
    return isJsonArray(list) ? list : []
  })
  const texts = literals.filter(literal => typeof literal === 'string').flatMap(linesOf)
  if (member(value, 'kind') !== 'Secret') return texts
  return [...texts, ...[member(value, 'data'), member(value, 'stringData')].filter(isJsonObject)]
}

/** Each line, and its text after the first equals sign. */
function linesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .flatMap(line => [line.trim(), line.slice(line.indexOf('=') + 1).trim()])
}
