import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'
import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'

/** A CustomResourceDefinition in a project's own Go module. */
export interface PeerCrd {
  readonly module: string
  readonly file: string
}

const moduleFolders = new Map<string, string | undefined>()

/** Where the Go client keeps a module, which it fetches if need be; undefined without Go or network. */
export function moduleFolder(module: string): string | undefined {
  if (!moduleFolders.has(module)) {
    const { error, stdout } = spawnSync('go', ['mod', 'download', '-json', module], {
      cwd: tmpdir(),
      encoding: 'utf8',
      timeout: 120_000,
      // Argo CD's module asks for a newer Go than it takes to read its files.
      env: { ...process.env, GOTOOLCHAIN: 'auto', GOFLAGS: '-mod=mod' }
    })
    // Without the program there is no output either, not even an empty one.
    const isAnswered = error === undefined && stdout.startsWith('{')
    const answer = isAnswered ? (JSON.parse(stdout) as { readonly Dir?: string }) : {}
    moduleFolders.set(module, answer.Dir)
  }
  return moduleFolders.get(module)
}

/** The schemas of a CRD file by `group/version/Kind`. */
export function crdSchemas(file: string): ReadonlyMap<string, JsonObject> {
  const documents = readYaml(readFileSync(file, 'utf8'), { file, literalKeys: true })
  const found = documents.flatMap(({ value }) => {
    const spec = member(value, 'spec')
    const versions = member(spec, 'versions')
    const prefix = `${text(member(spec, 'group'))}/`
    const kind = text(member(member(spec, 'names'), 'kind'))
    return (isJsonArray(versions) ? versions : []).flatMap(version => {
      const schema = member(member(version, 'schema'), 'openAPIV3Schema')
      const key = `${prefix}${text(member(version, 'name'))}/${kind}`
      return isJsonObject(schema) ? [[key, schema] as const] : []
    })
  })
  return new Map(found)
}

/** Schemas of peers by `group/version/Kind`, and the modules that could not be had. */
export function peerSchemas(crds: readonly PeerCrd[]) {
  const schemas = new Map<string, JsonObject>()
  const absent = new Set<string>()
  for (const { module, file } of crds) {
    const folder = moduleFolder(module)
    if (folder === undefined) absent.add(module)
    else for (const [key, schema] of crdSchemas(path.join(folder, file))) schemas.set(key, schema)
  }
  return { schemas, absent: [...absent] }
}

/**
 * A validator that demands what the API server does with strict field validation: an unknown field is
 * an error. CEL rules (x-kubernetes-validations) are not evaluated.
 */
export function strictValidator(schema: JsonObject): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  return ajv.compile(withMetadata(closed(schema) as JsonObject))
}

/** Structural schemas may leave out what the API server knows itself. */
function withMetadata(schema: JsonObject): JsonObject {
  const usual = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } }
  return { ...schema, properties: { ...(schema.properties as JsonObject), ...usual } }
}

/** The schema as JSON Schema: nullable and int-or-string written out, no field beside the named ones. */
function closed(node: JsonValue): JsonValue {
  if (isJsonArray(node)) return node.map(closed)
  if (!isJsonObject(node)) return node
  const { type, nullable, properties, additionalProperties, ...rest } = node
  const isOpen =
    node['x-kubernetes-preserve-unknown-fields'] === true ||
    node['x-kubernetes-embedded-resource'] === true ||
    additionalProperties !== undefined
  const inner = Object.entries(rest).map(([key, value]) => [
    key,
    ['items', 'allOf', 'anyOf', 'oneOf', 'not'].includes(key) ? closed(value) : value
  ])
  return {
    ...(Object.fromEntries(inner) as JsonObject),
    ...(type === undefined ? {} : { type: nullable === true ? [type, 'null'] : type }),
    ...(isJsonObject(properties) ? { properties: mapped(properties) } : {}),
    ...(additionalProperties === undefined
      ? isJsonObject(properties) && !isOpen && type === 'object'
        ? { additionalProperties: false }
        : {}
      : { additionalProperties: closed(additionalProperties) })
  }
}

function mapped(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, closed(value)]))
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
