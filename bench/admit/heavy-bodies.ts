import type { JsonObject, JsonValue } from '../../common/json.ts'
import { annotations } from '../../evidence/annotations.ts'
import { inTotoPayloadType, signEnvelope } from '../../evidence/attestation/dsse.ts'
import { generateKeyPair, readSigningKey, readTrustedKey } from '../../evidence/attestation/key.ts'
import { encodeRendered } from '../../evidence/binding/rendered-object.ts'
import { buildStatement, encodeStatement } from '../../evidence/attestation/statement.ts'
import { reviewOf } from '../../test/webhook/reviews.ts'

/** Just below the limit of 80,000, with the review's own values. */
const values = 79_900
const marked = { zz: 0 }

/** Bodies just within the limits, by what makes each of them slow to read or to judge. */
export const heavyBodies: Readonly<Record<string, () => Buffer>> = {
  'one object of 79,900 members': () => podWith(`{${list(values, at => `"k${at}":1`)}}`),
  'one of members with long names': () =>
    podWith(`{${list(values, at => `"${'k'.repeat(60)}${at}":1`)}}`),
  'one of members that hash alike': () =>
    podWith(`{${list(values, at => `"${(at * 1_048_576) % 4_294_967_295}":1`)}}`),
  '8,800 objects of 8 members, each its own': () =>
    podWith(`[${list(values / 9, at => `{${list(8, member => `"k${at}_${member}":1`)}}`)}]`),
  '530 nests of 149 levels, each its own': () =>
    podWith(
      `[${list(values / 151, at => `${list(149, level => `{"k${at}_${level}":`, '')}1${'}'.repeat(149)}`)}]`
    ),
  '79,900 numbers of 68 digits': () =>
    podWith(`[${list(values, at => String(at + 1).padEnd(68, '7'))}]`),
  '79,900 fractions near a halfway': () =>
    podWith(`[${list(values, () => `9007199254740993.${'0'.repeat(48)}1`)}]`),
  '79,900 strings of escapes': () => podWith(`[${list(values, () => `"${'\\n'.repeat(32)}"`)}]`),
  '79,900 labels': () => {
    const labels = Object.fromEntries(Array.from({ length: values }, (_, at) => [`k${at}`, 'v']))
    return bodyOf(pod({ metadata: { ...metadata, labels } }))
  },
  '19,000 containers': () =>
    bodyOf(pod({ spec: { containers: Array(19_000).fill({ image: 'x', resources: {} }) } })),
  'a finalizer of 12,000 objects': () => {
    const items = Array.from({ length: values / 8 }, (_, at) => ({ [`k${at}`]: {} }))
    const object = pod({ metadata: { ...metadata, deletionTimestamp: 'x' }, spec: { items } })
    return bodyOf(object, object)
  },
  '1,999 images beside a signed statement of 1,999 others': () => {
    const commit = 'c'.repeat(40)
    const modelDigest = `sha256:${'d'.repeat(64)}`
    const source = { commit, modelDigest, path: 'models/x', targetRevision: 'main' }
    const object = { group: '', kind: 'Pod', ...metadata }
    const containers = images('a').map(image => ({ image }))
    const rendered = encodeRendered({ apiVersion: 'v1', kind: 'Pod', spec: { containers } })
    const facts = { object, rendered, source, models: [], pins: [], opaque: [], evidence: [] }
    const statement = encodeStatement(buildStatement({ ...facts, images: images('a') }))
    const key = readSigningKey(pairs[0]?.privatePem ?? '', 'bench')
    return attested(signEnvelope(statement, inTotoPayloadType, key), images('b'))
  },
  '16 signatures of 190 KB, none by one of ten keys': () => {
    const key = readSigningKey(generateKeyPair().privatePem, 'bench')
    const envelope = signEnvelope(Buffer.alloc(190_000, 'x'), inTotoPayloadType, key)
    return attested({ ...envelope, signatures: Array(16).fill(envelope.signatures[0]) }, ['x'])
  },
  'a text of 4,000 YAML documents': () => textOf('{a: &a [1]}\n---\n'.repeat(4_000)),
  'a text of 5,900 images': () => textOf('- image: x\n'.repeat(5_900))
}

const pairs = Array.from({ length: 10 }, generateKeyPair)

/** The policies that judge the bodies. */
export const heavyKeys = pairs.map(({ publicPem }) => readTrustedKey(publicPem, 'bench'))

function images(of: string): readonly string[] {
  return Array.from({ length: 1_999 }, (_, at) => `ghcr.io/acme/${of.repeat(40)}${at}:x`)
}

/** A Pod with an attestation. */
function attested(envelope: object, images: readonly string[]): Buffer {
  const { attestation } = annotations
  const all = { ...metadata, annotations: { [attestation]: JSON.stringify(envelope) } }
  return bodyOf(pod({ metadata: all, spec: { containers: images.map(image => ({ image })) } }))
}

const metadata = { name: 'x', namespace: 'ml' }

function pod(more: JsonObject): JsonObject {
  const spec = { containers: [{ image: 'x' }] }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec, ...more }
}

function textOf(manifest: string): Buffer {
  const spec = { templates: [{ resource: { manifest } }] }
  return bodyOf({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata, spec })
}

function bodyOf(object: JsonObject, oldObject?: JsonValue): Buffer {
  const operation = oldObject === undefined ? 'CREATE' : 'UPDATE'
  return Buffer.from(JSON.stringify(reviewOf(object, { operation, oldObject: oldObject ?? null })))
}

/** A Pod with a field of any text. */
function podWith(json: string): Buffer {
  const body = JSON.stringify(reviewOf(pod(marked)))
  return Buffer.from(body.replace('"zz":0', () => `"zz":${json}`))
}

function list(count: number, item: (at: number) => string, separator = ','): string {
  return Array.from({ length: Math.floor(count) }, (_, at) => item(at)).join(separator)
}
