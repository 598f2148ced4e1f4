import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import type { JsonObject } from '../../../common/json.ts'
import {
  readAuthorityState,
  writeAuthorityState
} from '../../../service/certificates/authority-state.ts'
import type { AuthorityState, SecretData } from '../../../service/certificates/authority-state.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import { whileCalling } from '../rig/while-calling.ts'
import type { Installed } from './installed.ts'

const secretAt = '/api/v1/namespaces/mlgitops-system/secrets/mlgitops-webhook-ca'
const callers = 4

/**
 * Tests a whole rotation of the webhook's own CA while the API server calls it without a pause. The CA that
 * it found at its start expires in some days; the waiting times in between, minutes and a week, are moved
 * into the past in its Secret.
 */
export async function proveRotation(installed: Installed, points: Points): Promise<void> {
  await points.check(
    'the CA is rotated without a failed request: published, used for signing, the old one removed',
    async () => {
      const first = await read(installed)
      assert.ok(first.next, 'the webhook issued a new CA because the current one expires soon')
      assert.deepEqual(await published(installed), fingerprints(first))
      const answers = await whileCalling(
        callers,
        () => ask(installed),
        async () => {
          assert.ok(await signed(installed, first.current.certificatePem))
          await rotate(installed, first)
        }
      )
      assert.deepEqual([...new Set(answers)], ['201'])
      assert.ok(answers.length > 10 * callers, `${answers.length} answers`)
    }
  )
}

async function rotate(installed: Installed, first: AuthorityState): Promise<void> {
  const { next } = first
  assert.ok(next)
  const longAgo = Date.now() - 3_600_000
  await write(installed, { ...first, next: { ...next, publishedAtMs: longAgo } })
  const second = await eventually(
    async () => {
      const state = await read(installed)
      const signs = await signed(installed, next.authority.certificatePem)
      return signs && state.previous !== undefined ? state : undefined
    },
    { what: 'the served certificate is signed by the new CA' }
  )
  assert.ok(second.previous)
  assert.equal(second.current.certificatePem, next.authority.certificatePem)
  await write(installed, { ...second, previous: { ...second.previous, removeAtMs: longAgo } })
  await eventually(async () => (await published(installed)).length === 1 || undefined, {
    what: 'the old CA is removed from the caBundle'
  })
  assert.deepEqual(await published(installed), [fingerprint(next.authority.certificatePem)])
}

/** Creates an object that no policy refuses (dry run); returns status and message. */
async function ask({ client, namespace }: Installed): Promise<string> {
  const template = { metadata: {}, spec: { containers: [{ name: 'x', image: 'x' }] } }
  const object = { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'x' }, template }
  const at = `/api/v1/namespaces/${namespace}/podtemplates?dryRun=All`
  const { status, message } = await client.create(at, object)
  return `${status} ${message}`.trim()
}

async function read({ client }: Installed): Promise<AuthorityState> {
  const data = ((await client.read(secretAt)).data ?? {}) as Readonly<Record<string, string>>
  const decoded = Object.entries(data).map(([name, text]) => [
    name,
    Buffer.from(text, 'base64').toString()
  ])
  const state = readAuthorityState(Object.fromEntries(decoded) as SecretData)
  assert.ok(state)
  return state
}

async function write({ client }: Installed, state: AuthorityState): Promise<void> {
  const data: JsonObject = Object.fromEntries(
    Object.entries(writeAuthorityState(state)).map(([name, text]) => [
      name,
      Buffer.from(text).toString('base64')
    ])
  )
  expectSuccess(await client.patch(secretAt, { data }), 'the Secret')
}

/** True if a CA signed the certificate that the webhook serves. */
async function signed(installed: Installed, authorityPem: string): Promise<boolean> {
  const served = new X509Certificate(await installed.servedCertificate())
  return served.verify(new X509Certificate(authorityPem).publicKey)
}

/** The fingerprints of the CAs in the caBundle. */
async function published(installed: Installed): Promise<readonly string[]> {
  const bundle = Buffer.from(await installed.caBundle(), 'base64').toString()
  return bundle.match(/-----BEGIN[^]*?END CERTIFICATE-----/g)?.map(fingerprint) ?? []
}

function fingerprints({ current, next, previous }: AuthorityState): readonly string[] {
  return [current, next?.authority, previous?.authority].flatMap(authority =>
    authority ? [fingerprint(authority.certificatePem)] : []
  )
}

function fingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint256
}
