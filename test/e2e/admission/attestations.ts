import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { JsonObject } from '../../../common/json.ts'
import { keyEndLine } from '../../../evidence/attestation/key.ts'
import { makeKey } from '../rig/model-repository.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const sentiment = ['models/sentiment', 'Deployment'] as const

/** Tests statements that were copied or forged, and keys that are added or removed. */
export async function proveAttestations(bench: Bench, points: Points): Promise<void> {
  const { repository, namespace } = bench
  const signed = () => repository.renderOne(sentiment, 'production')
  await points.check('an attestation copied to another image is refused', async () => {
    const text = JSON.stringify(await signed()).replaceAll('/sentiment:', '/miner:')
    const seen = await bench.kubectl(['create', '--dry-run=server', '-f', '-'], text)
    assert.match(
      seen.stderr,
      /- require-provenance \(provenance\): this image was not attested\n {4}field: {3}spec\.template\.spec\.containers\[0\]\.image\n {4}found: {3}registry\.example\.com\/ml\/miner:/
    )
  })
  await points.check('an attestation copied to another name is refused', async () => {
    const object = await signed()
    const copied = { ...object, metadata: { ...(object.metadata as JsonObject), name: 'other' } }
    const seen = await bench.kubectl(['create', '--dry-run=server', '-f', '-'], copied)
    assert.match(
      seen.stderr,
      /denied the request: \d+ violations? by apps\/Deployment e2e-admission\/other\n/
    )
    assert.match(seen.stderr, /require-provenance \(provenance\)/)
  })
  const other = path.join(bench.machine.folder, 'other-keys')
  await makeKey(other)
  const forged = await repository.renderOne(sentiment, 'production', `${other}/signing.key`)
  const name = { ...forged, metadata: { ...(forged.metadata as JsonObject), namespace } }
  await points.check('an attestation of an untrusted key is refused', async () => {
    const seen = await bench.kubectl(['create', '--dry-run=server', '-f', '-'], name)
    assert.match(seen.stderr, /require-provenance \(provenance\)/)
    assert.match(seen.stderr, /key/)
  })
  await points.check('a rotated key: both are trusted, then only the new one', async () => {
    await bench.kubectl(['delete', 'deployment', 'sentiment'])
    const create = (object: JsonObject) =>
      bench.kubectl(['create', '--dry-run=server', '-f', '-'], object)
    await bench.host.restart([...bench.options, '--keys', `${other}/signing.pub`])
    assert.equal((await create(forged)).code, 0)
    assert.equal((await create(await signed())).code, 0)
    const onlyNew = bench.options.map(option =>
      option === repository.trustedKey ? `${other}/signing.pub` : option
    )
    await bench.host.restart(onlyNew)
    assert.equal((await create(forged)).code, 0)
    assert.match((await create(await signed())).stderr, /require-provenance \(provenance\)/)
  })
  await points.check(
    'an expired key: its signatures are refused, and the denial says why',
    async () => {
      const ended = path.join(bench.machine.folder, 'ended.pub')
      const end = keyEndLine(new Date(Date.now() - 86_400_000))
      writeFileSync(ended, `${end}${readFileSync(repository.trustedKey, 'utf8')}`)
      const withEnded = bench.options.map(option =>
        option === repository.trustedKey ? ended : option
      )
      await bench.host.restart(withEnded)
      const args = ['create', '--dry-run=server', '-f', '-']
      assert.match(
        (await bench.kubectl(args, await signed())).stderr,
        /- require-provenance \(provenance\): the attestation is not trusted: the key that signed it expired at \d{4}-/
      )
      await bench.host.restart(bench.options)
      assert.equal((await bench.kubectl(args, await signed())).code, 0)
    }
  )
}
