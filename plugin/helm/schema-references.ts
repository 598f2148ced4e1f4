import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { packedFiles } from './packed-chart.ts'

const schemaFile = 'values.schema.json'
const referenceKeys = new Set(['$schema', '$ref', '$dynamicRef', '$recursiveRef'])
/** The versions of JSON Schema that Helm contains. */
const knownVersion =
  /^https?:\/\/json-schema\.org\/(?:draft-0[4-7]\/|draft\/(?:2019-09|2020-12)\/)?schema#?$/
/** Packed charts in packed charts. */
const maxDepth = 8

/**
 * Refuses schemas of a chart and its sub-charts that refer to other files: Helm would read them from the
 * network, or anywhere on this machine.
 *
 * @param files the files of the chart, by their path in it
 * @param nameOf returns the name of a path in messages
 * @throws {Fault} `CHART_SCHEMA`, `CHART_INVALID`
 */
export function refuseOutsideReferences(
  files: ReadonlyMap<string, Buffer>,
  nameOf: (file: string) => string
): void {
  checkFiles(files, nameOf, 0)
}

function checkFiles(
  files: ReadonlyMap<string, Buffer>,
  nameOf: (file: string) => string,
  depth: number
): void {
  for (const [file, content] of files) {
    if (path.posix.basename(file) === schemaFile) checkSchema(content, nameOf(file))
    else if (file.endsWith('.tgz') && /(?:^|\/)charts\/[^/]+$/.test(file)) {
      const name = nameOf(file)
      if (depth === maxDepth) throw tooDeep(name)
      checkFiles(packedFiles(content, name), inner => `${name}: ${inner}`, depth + 1)
    }
  }
}

function tooDeep(where: string): Fault {
  return new Fault('CHART_INVALID', 'packed charts are nested too deeply', {
    where,
    expected: `at most ${maxDepth} levels`
  })
}

function checkSchema(content: Buffer, where: string): void {
  for (const [key, text] of references(parse(content, where))) {
    const isOutside = key === '$schema' ? !knownVersion.test(text) : !text.startsWith('#')
    if (isOutside) throw outside(where, key, text)
  }
}

function parse(content: Buffer, where: string): JsonValue {
  try {
    return JSON.parse(content.toString('utf8').replace(/^\uFEFF/, '')) as JsonValue
  } catch {
    throw new Fault('CHART_SCHEMA', 'the schema is not JSON', { where })
  }
}

function outside(where: string, key: string, text: string): Fault {
  return new Fault('CHART_SCHEMA', 'the schema refers to another file', {
    where,
    found: `${key}: ${JSON.stringify(text.slice(0, 120))}`,
    expected: key === '$schema' ? 'a version of json-schema.org' : 'a reference that starts with #',
    remedy: 'Copy what it refers to into the schema: a render reads no other file and no URL.'
  })
}

/** The members of a schema, at any depth, that name a schema. */
function* references(schema: JsonValue): Generator<readonly [string, string]> {
  const open: JsonValue[] = [schema]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (isJsonArray(value)) for (const item of value) open.push(item)
    if (!isJsonObject(value)) continue
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner !== 'string') open.push(inner)
      else if (referenceKeys.has(key)) yield [key, inner]
    }
  }
}
