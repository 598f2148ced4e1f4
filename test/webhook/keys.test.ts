import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { generateKeyPair, keyEndLine, readTrustedKey } from '../../evidence/attestation/key.ts'
import { createLogger } from '../../service/log.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { observeKeys } from '../../webhook/keys/key-metrics.ts'
import { followKeys } from '../../webhook/keys/live-keys.ts'
import { ask } from '../service/loopback.ts'
import { attested, trustedKey } from './attested.ts'
import { eventually, leafFor, post, reviewOf, startWebhook } from './webhook-process.ts'

const [first, second] = [generateKeyPair(), generateKeyPair()]
const trustedPem = trustedKey.key.export({ type: 'spki', format: 'pem' }).toString()

/** A folder of keys that is polled when a test says so. */
function follow(t: Test, files: Readonly<Record<string, string>>, names = ['keys']) {
  const folder = t.testdir({ keys: files })
  const lines: string[] = []
  const logger = createLogger({ level: 'info', write: line => lines.push(line), now: () => 0 })
  const trusted = followKeys({ files: names, folder, pollMs: 1_000_000, logger })
  t.teardown(() => {
    trusted.stop()
  })
  const said = () =>
    lines.splice(0).map(line => {
      const { level, message, code, where, reason, keys } = JSON.parse(line) as Record<
        string,
        string
      >
      return [level, message, code, where, reason, keys].filter(Boolean).join(' | ')
    })
  return {
    trusted,
    said,
    write: (name: string, text: string) => {
      writeFileSync(path.join(folder, 'keys', name), text)
    },
    remove: (name: string) => {
      rmSync(path.join(folder, 'keys', name), { recursive: true })
    },
    folder: path.join(folder, 'keys'),
    ids: () => {
      trusted.look()
      return trusted.keys().map(({ id }) => id)
    }
  }
}

const refused = 'error | refused changed trusted keys; the last good ones stay trusted'

t.test('Added and removed keys take effect at the next poll, and are logged once', t => {
  const { ids, said, write, remove, trusted } = follow(t, { 'a.pub': first.publicPem })
  t.same(ids(), [first.id])
  t.same(said(), [])
  write('b.pub', second.publicPem)
  t.same(ids(), [first.id, second.id])
  t.same(said(), [`info | trusted keys changed | ${first.id} ${second.id}`])
  t.same(ids(), [first.id, second.id])
  t.same(said(), [])
  remove('a.pub')
  t.same(ids(), [second.id])
  remove('b.pub')
  t.same(ids(), [], 'none is trusted any more, so nothing is admitted')
  t.equal(said().length, 2)
  t.equal(trusted.isCurrent(), true)
  t.end()
})

t.test('An invalid change keeps all of the last good keys, and is logged once', t => {
  const { ids, said, write, remove, trusted } = follow(t, { 'a.pub': first.publicPem })
  write('b.pub', second.publicPem.slice(0, 60))
  write('c.pub', second.publicPem)
  t.same([ids(), ids()], [[first.id], [first.id]], 'neither the broken one nor the other new one')
  const why = 'KEY_INVALID | --keys keys/b.pub | the key cannot be read'
  t.same(said(), [`${refused} | ${why}`])
  t.equal(trusted.isCurrent(), false)
  write('b.pub', second.privatePem)
  t.same(ids(), [first.id])
  t.same(said(), [], 'the same is wrong with it')
  remove('b.pub')
  t.same(ids(), [first.id, second.id])
  t.same(said(), [`info | trusted keys changed | ${first.id} ${second.id}`])
  t.equal(trusted.isCurrent(), true)
  t.end()
})

t.test('A deleted file or folder removes no key', t => {
  for (const names of [['keys'], ['keys/a.pub']]) {
    const { ids, said, remove, write, folder } = follow(t, { 'a.pub': first.publicPem }, names)
    if (names[0] === 'keys') renameSync(folder, `${folder}-away`)
    else remove('a.pub')
    t.same([ids(), ids()], [[first.id], [first.id]])
    const where = `--keys ${names[0] === 'keys' ? 'keys' : 'a.pub'}`
    const why = `FILE_UNREADABLE | ${where} | the file cannot be read (ENOENT)`
    t.same(said(), [`${refused} | ${why}`])
    if (names[0] === 'keys') renameSync(`${folder}-away`, folder)
    write('a.pub', second.publicPem)
    t.same(ids(), [second.id])
  }
  t.end()
})

t.test('A mounted ConfigMap changes by one swap of a link', t => {
  const { ids, folder } = follow(t, {})
  const version = (name: string, files: Readonly<Record<string, string>>) => {
    mkdirSync(path.join(folder, name))
    for (const [file, pem] of Object.entries(files))
      writeFileSync(path.join(folder, name, file), pem)
    symlinkSync(name, path.join(folder, '..data_tmp'))
    renameSync(path.join(folder, '..data_tmp'), path.join(folder, '..data'))
  }
  version('..1', { 'a.pub': first.publicPem })
  symlinkSync('..data/a.pub', path.join(folder, 'a.pub'))
  t.same(ids(), [first.id])
  version('..2', { 'a.pub': second.publicPem })
  t.same(ids(), [second.id])
  t.end()
})

t.test('Metrics show when keys expire, and whether a change was refused', async t => {
  const line = keyEndLine(new Date('2027-01-31T00:00:00Z'))
  const later = keyEndLine(new Date('2027-02-28T00:00:00Z'))
  const { trusted, write } = follow(t, {
    'a.pub': line + first.publicPem,
    'again.pub': later + first.publicPem,
    'b.pub': line + second.publicPem
  })
  const registry = createRegistry('1')
  observeKeys(registry, trusted)
  const metrics = async () =>
    (await registry.metrics()).split('\n').filter(line => line.startsWith('mlgitops_trusted_key'))
  const end = (id: string, seconds: number) =>
    `mlgitops_trusted_key_not_after_seconds{key_id="${id}"} ${seconds}`
  t.same(await metrics(), [
    'mlgitops_trusted_keys_current 1',
    end(first.id, 1_803_772_800),
    end(second.id, 1_801_353_600)
  ])
  write('c.pub', second.publicPem)
  trusted.look()
  t.same(
    await metrics(),
    ['mlgitops_trusted_keys_current 1', end(first.id, 1_803_772_800)],
    'a key that another file has without an expiry does not expire'
  )
  write('c.pub', '')
  trusted.look()
  t.equal((await metrics())[0], 'mlgitops_trusted_keys_current 0')
})

t.test('A key is rotated while the webhook runs', async t => {
  const { certificatePem, keyPem } = await leafFor()
  const provenance = {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name: 'p' },
    spec: { validationActions: ['Deny'], rules: [{ provenance: {} }] }
  }
  const folder = t.testdir({
    'tls.crt': certificatePem,
    'tls.key': keyPem,
    policies: { 'p.json': JSON.stringify(provenance) },
    keys: { 'old.pub': first.publicPem }
  })
  const { server, metricsServer, stderr } = await startWebhook(t, folder, ['--keys', 'keys'])
  const isAdmitted = async () => {
    const { body } = await post(server, reviewOf(attested()))
    return (JSON.parse(body) as { response: { allowed: boolean } }).response.allowed
  }
  t.equal(await isAdmitted(), false)
  const file = path.join(folder, 'keys/new.pub')
  writeFileSync(file, trustedPem)
  await eventually(isAdmitted)
  writeFileSync(file, `Not-Afer: 2020-01-01T00:00:00Z\n${trustedPem}`)
  await eventually(() => stderr().includes(refused.slice(8)))
  t.equal(await isAdmitted(), true)
  t.match(
    (await ask(metricsServer, { path: '/metrics' })).body,
    /^mlgitops_trusted_keys_current 0$/m
  )
  t.equal((await ask(metricsServer, { path: '/readyz' })).status, 200)
  writeFileSync(file, `Not-After: 2020-01-01T00:00:00Z\n${trustedPem}`)
  await eventually(async () => !(await isAdmitted()))
  const { body } = await ask(metricsServer, { path: '/metrics' })
  const { id } = readTrustedKey(trustedPem, '')
  const end = `mlgitops_trusted_key_not_after_seconds{key_id="${id}"} 1577836800`
  t.ok(body.includes(`mlgitops_trusted_keys_current 1\n`))
  t.ok(body.includes(`${end}\n`))
  t.notMatch(stderr(), folder)
})
