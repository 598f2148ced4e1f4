import assert from 'node:assert/strict'
import { rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { run } from '../../../bin/run.ts'
import { member, stringMember } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import { decodeStatement } from '../../../evidence/attestation/decode-statement.ts'
import { parseEnvelope } from '../../../evidence/attestation/dsse.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const model = 'models/churn-prediction'
const place = '/apis/serving.kserve.io/v1beta1/namespaces/ml-production/inferenceservices'
/** What source-controller leaves out of what it fetches, beside links. */
const left = { [`${model}/.gitignore`]: '*.pyc\n', [`${model}/plots/rates.png`]: 'PNG' } as const

/** Production behind the policy that asks for an audit, with audits that name the model's files. */
export async function proveAudited(bench: Bench, points: Points): Promise<void> {
  const production = bench.known('churn-prediction-production')
  const link = path.join(bench.repository.git.folder, model, 'latest')
  let audited = ''
  await points.check('an audit is admitted in the very commit that it is about', async () => {
    symlinkSync('values.yaml', link)
    const files = { ...left, [`${model}/features.txt`]: 'age\nincome\n' }
    audited = await bench.audited('Features and their audit', files)
    const applied = bench.git('rev-parse', 'HEAD')
    await production.untilApplied(`main@sha1:${applied}`)
    const { source, biasAudit } = await stated(bench)
    assert.deepEqual([source.commit, source.modelCommit], [applied, applied])
    assert.deepEqual([source.modelDigest, biasAudit?.modelDigest], [audited, audited])
    assert.equal(biasAudit?.modelCommit, undefined)
  })
  await points.check('a commit elsewhere keeps it', async () => {
    const origin = await bench.commit('Notes', { 'notes.txt': 'elsewhere\n' })
    await production.untilApplied(origin)
    assert.equal(`main@sha1:${(await stated(bench)).source.commit}`, origin)
  })
  await points.check('a change of the model without another audit is refused', async () => {
    const { source } = await stated(bench)
    await bench.commit('One more feature', { [`${model}/features.txt`]: 'age\nincome\nzip\n' })
    const message = await production.untilFailed(
      'Kustomization',
      'ReconciliationFailed',
      /does not cover the model.s files/
    )
    const now = await bench.modelDigest(model)
    assert.notEqual(now, audited)
    assert.match(message, /admission webhook "[^"]+" denied the request: /)
    const lines = [
      "- require-bias-audit (biasAudit): the bias audit does not cover the model's files",
      `    field:   metadata.annotations[${annotations.attestation}]`,
      `    found:   ${audited} (churn-prediction 1.10)`,
      `    allowed: ${now}`,
      `    fix:     audit the model at this commit with the digest that mlgitops digest ${model} prints (add --flux for Flux, whose sources lack links, .gitignore, *.png, *.zip and what .sourceignore names)`
    ]
    assert.ok(message.includes(lines.join('\n')), message)
    assert.equal((await stated(bench)).source.commit, source.commit, 'what runs goes on')
  })
  await points.check('another audit mends it, by the rules of .sourceignore', async () => {
    const files = {
      [`${model}/.sourceignore`]: '# ours\n*.tmp\ndrafts/\n!kept.tmp\n',
      [`${model}/drafts/notes.txt`]: 'left out',
      [`${model}/rates.tmp`]: 'left out',
      [`${model}/kept.tmp`]: 'kept'
    }
    const digest = await bench.audited('Audited again', files)
    await production.untilApplied(`main@sha1:${bench.git('rev-parse', 'HEAD')}`)
    assert.equal((await stated(bench)).source.modelDigest, digest)
    rmSync(link)
    const names = [...Object.keys(left), ...Object.keys(files)]
    await bench.audited('Plain files', Object.fromEntries(names.map(name => [name, undefined])))
    await production.untilApplied(`main@sha1:${bench.git('rev-parse', 'HEAD')}`)
    const args = ['digest', model]
    const plain = await run({ args, env: {}, folder: bench.repository.git.folder })
    assert.equal(plain.stdout, `${(await stated(bench)).source.modelDigest ?? ''}\n`)
  })
}

/** What the attestation of the service in production states. */
async function stated(bench: Bench) {
  const { metadata } = await bench.client.read(`${place}/churn-prediction`)
  const text = stringMember(member(metadata, 'annotations'), annotations.attestation) ?? ''
  return decodeStatement(Buffer.from(parseEnvelope(text).payload, 'base64')).predicate
}
