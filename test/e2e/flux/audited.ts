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
const services = '/apis/serving.kserve.io/v1beta1/namespaces/ml-production/inferenceservices'
/** Files that source-controller leaves out, like links. */
const leftOut = { [`${model}/.gitignore`]: '*.pyc\n', [`${model}/plots/rates.png`]: 'PNG' } as const

/** Production with the policy that requires an audit, and audits that name the digest of the model's files. */
export async function proveAudited(bench: Bench, points: Points): Promise<void> {
  const production = bench.known('churn-prediction-production')
  const link = path.join(bench.repository.git.folder, model, 'latest')
  let audited = ''
  await points.check('an audit is admitted in the same commit as its model', async () => {
    symlinkSync('values.yaml', link)
    const files = { ...leftOut, [`${model}/features.txt`]: 'age\nincome\n' }
    audited = await bench.audited('Features and their audit', files)
    const applied = bench.git('rev-parse', 'HEAD')
    await production.untilApplied(`main@sha1:${applied}`)
    const { source, biasAudit } = await stated(bench)
    assert.deepEqual([source.commit, source.modelCommit], [applied, undefined])
    assert.deepEqual([source.modelDigest, biasAudit?.modelDigest], [audited, audited])
    assert.equal(biasAudit?.modelCommit, undefined)
  })
  await points.check('a commit elsewhere keeps the audit valid', async () => {
    const origin = await bench.commit('Notes', { 'notes.txt': 'elsewhere\n' })
    await production.untilApplied(origin)
    assert.equal(`main@sha1:${(await stated(bench)).source.commit}`, origin)
  })
  await points.check('a change of the model without a new audit is denied', async () => {
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
    // Which object is refused first is up to Flux: one that trains, or the one that serves.
    const lines = [
      "- require-bias-audit (biasAudit): the bias audit does not cover the model's files",
      `${audited} (churn-prediction 1.10)`,
      `    fix:     audit the model at this commit with the digest that mlgitops digest ${model} prints (add --flux for Flux, whose sources lack links, .gitignore, *.png, *.zip and what .sourceignore names)`
    ]
    for (const line of lines) assert.ok(message.includes(line), message)
    assert.equal(
      (await stated(bench)).source.commit,
      source.commit,
      'the last commit keeps running'
    )
  })
  await points.check('a new audit, whose digest follows .sourceignore, is admitted', async () => {
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
    const names = [...Object.keys(leftOut), ...Object.keys(files)]
    await bench.audited('Plain files', Object.fromEntries(names.map(name => [name, undefined])))
    await production.untilApplied(`main@sha1:${bench.git('rev-parse', 'HEAD')}`)
    const args = ['digest', model]
    const plain = await run({ args, env: {}, folder: bench.repository.git.folder })
    assert.equal(plain.stdout, `${(await stated(bench)).source.modelDigest ?? ''}\n`)
  })
}

/** The attested statement of the service in production. */
async function stated(bench: Bench) {
  const { metadata } = await bench.client.read(`${services}/churn-prediction`)
  const text = stringMember(member(metadata, 'annotations'), annotations.attestation) ?? ''
  return decodeStatement(Buffer.from(parseEnvelope(text).payload, 'base64')).facts
}
