import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import type { RenderFacts } from '../../../evidence/attestation/statement.ts'
import { annotations } from '../../../evidence/annotations.ts'
import type { BiasAuditSummary } from '../../../evidence/bias-audit/summary.ts'
import { annotated, attested, commit, facts, fairAudit, job, modelCommit } from '../attested.ts'
import { at, fix, fixUnsigned, judge } from '../judged.ts'

const copies =
  'an audit that names the digest of the model (mlgitops audit --path models/churn) covers copies with other names'
const copy =
  'a copy of it in another folder needs an audit that names its digest (mlgitops audit --path models/churn)'

t.test('Rule biasAudit', t => {
  const audited = (biasAudit: RenderFacts['biasAudit']) => {
    const { biasAudit: fair, ...rest } = facts
    t.equal(fair, fairAudit)
    return attested(job, biasAudit === undefined ? rest : { ...rest, biasAudit })
  }
  const refused = (options: JsonObject, audit: RenderFacts['biasAudit'] = fairAudit) =>
    judge({ biasAudit: options }, audited(audit))
  t.same(
    refused({
      maxAgeDays: 22,
      independent: true,
      minimumGroupSize: 1600,
      attributes: ['age-band']
    }),
    []
  )
  t.same(judge({ biasAudit: {} }, job), [
    `${at}: no bias audit is verified: the object has no attestation; ${fixUnsigned}`
  ])
  t.same(judge({ biasAudit: {} }, audited(undefined)), [
    `${at}: the model has no bias audit; found no bias_audit.md in models/churn at commit ${commit}; fix: create one with mlgitops audit and commit it next to the model`
  ])
  t.same(refused({}, { ...fairAudit, model: { name: 'sentiment', version: '2' } }), [
    `${at}: the bias audit covers another model; found sentiment 2; allowed: churn; fix: audit this model, or set model.name in mlgitops.yaml to its name; ${copies}`
  ])
  const { model, ...unnamed } = facts.source
  t.equal(model, 'churn')
  t.same(judge({ biasAudit: {} }, attested(job, { ...facts, source: unnamed })), [
    `${at}: the bias audit covers another model; found churn 1.10; allowed: none, because the attestation names no model; fix: audit this model, or set model.name in mlgitops.yaml to its name; ${copies}`
  ])
  t.same(refused({}, { ...fairAudit, modelCommit: commit }), [
    `${at}: the bias audit does not cover the model's commit; found ${commit} (churn 1.10); allowed: ${modelCommit}; fix: audit the model at this commit; ${copy}`
  ])
  t.same(refused({ maxAgeDays: 21 }), [
    `${at}: the bias audit is too old; found 2026-11-02, 22 days ago; allowed: at most 21 days; fix: repeat the audit on recent data`
  ])
  t.same(refused({}, { ...fairAudit, date: '2026-11-25' }), [])
  t.same(refused({}, { ...fairAudit, date: '2026-11-26' }), [
    `${at}: the bias audit is dated in the future; found 2026-11-26; fix: correct its date`
  ])
  t.same(refused({}, { ...fairAudit, date: '2026-02-31' }).length, 0)
  t.same(
    refused({ independent: true }, { ...fairAudit, auditor: { name: 'We', independent: false } }),
    [
      `${at}: the auditor is not independent; found We; allowed: auditor.independent: true; fix: have the model audited by someone who neither built nor uses it`
    ]
  )
  t.same(
    refused({ independent: false }, { ...fairAudit, auditor: { name: 'We', independent: false } }),
    []
  )
  t.same(refused({ minimumGroupSize: 1601 }), [
    `${at}: the bias audit of age-band has a group that is too small to judge; found under-30: 1600 people; allowed: at least 1601; fix: collect more data, or merge groups`
  ])
  const regions = fairAudit.attributes.map(attribute => ({ ...attribute, name: 'region' }))
  const both = { ...fairAudit, attributes: [...fairAudit.attributes, ...regions] }
  t.same(refused({ attributes: ['region', 'age-band'] }, both), [])
  t.match(refused({ attributes: ['sex'] }, both), [/; found age-band, region; fix: audit sex too$/])
  t.same(refused({ attributes: ['sex'] }), [
    `${at}: the bias audit does not cover the attribute sex; found age-band; fix: audit sex too`
  ])
  t.end()
})

t.test('Rule biasAudit accepts a digest of the model’s files instead of its commit', t => {
  const digest = `sha256:${'1'.repeat(64)}`
  const other = `sha256:${'2'.repeat(64)}`
  const { modelCommit: named, ...unnamed } = fairAudit
  t.equal(named, modelCommit)
  const refused = (
    cover: Pick<BiasAuditSummary, 'modelCommit' | 'modelDigest'>,
    source: Partial<RenderFacts['source']>
  ) => {
    const biasAudit = { ...unnamed, ...cover }
    const said = { ...facts, biasAudit, source: { ...facts.source, ...source } }
    const stamps = { [annotations.modelCommit]: said.source.modelCommit }
    return judge({ biasAudit: {} }, annotated(attested(job, said), stamps))
  }
  t.same(refused({ modelDigest: digest }, { modelDigest: digest }), [])
  t.same(refused({ modelDigest: digest, modelCommit: commit }, { modelDigest: digest }), [])
  t.same(refused({ modelDigest: digest, modelCommit }, { modelDigest: other }), [])
  const byDigest =
    'fix: audit the model at this commit with the digest that mlgitops digest models/churn prints (add --flux for Flux, whose sources lack links, .gitignore, *.png, *.zip and what .sourceignore names)'
  t.same(refused({ modelDigest: digest }, { modelDigest: other }), [
    `${at}: the bias audit does not cover the model's files; found ${digest} (churn 1.10); allowed: ${other}; ${byDigest}`
  ])
  t.same(refused({ modelDigest: digest, modelCommit: commit }, { modelDigest: other }), [
    `${at}: the bias audit covers neither the model's commit nor its files; found ${commit} and ${digest} (churn 1.10); allowed: ${modelCommit} or ${other}; ${byDigest}`
  ])
  t.same(refused({ modelCommit }, { modelCommit: commit }), [
    `${at}: the bias audit does not cover the model's commit; found ${modelCommit} (churn 1.10); allowed: ${commit}; fix: audit the model at this commit; ${copy}; for a source without history (Flux), use the digest that mlgitops digest --flux models/churn prints instead of a commit`
  ])
  t.end()
})

t.test('An attestation whose audit names nothing, or an odd digest, proves no audit', t => {
  const { modelCommit: named, ...unnamed } = fairAudit
  t.equal(named, modelCommit)
  const unreadable = (biasAudit: BiasAuditSummary, modelDigest?: string) => {
    const source = { ...facts.source, ...(modelDigest === undefined ? {} : { modelDigest }) }
    return judge({ biasAudit: {} }, attested(job, { ...facts, source, biasAudit }))
  }
  const refused = 'the attestation cannot be read: the payload is not a render statement:'
  t.same(unreadable(unnamed), [`${at}: no bias audit is verified: ${refused}; ${fix}`])
  const odd = `SHA256:${'1'.repeat(64)}`
  t.same(unreadable({ ...unnamed, modelDigest: odd }, odd), unreadable(unnamed))
  t.end()
})

t.test('Rule biasAudit checks metrics against inclusive bounds', t => {
  const [age] = fairAudit.attributes
  const audit = (metrics: Partial<Record<string, number | null>>) => ({
    ...fairAudit,
    attributes: age === undefined ? [] : [{ ...age, metrics: { ...age.metrics, ...metrics } }]
  })
  const refused = (bound: JsonObject, metrics: Partial<Record<string, number | null>>) =>
    judge(
      { biasAudit: { bounds: [bound] } },
      attested(job, { ...facts, biasAudit: audit(metrics) })
    )
  const metric = 'demographic_parity_ratio'
  const unfair = `${at}: the model is not fair enough: ${metric} by age-band`
  const change = 'fix: train a fairer model, or change the policy together with its owners'
  t.same(refused({ metric, min: 0.8 }, { [metric]: 0.8 }), [])
  t.same(refused({ metric, min: 0.8 }, { [metric]: 0.79 }), [
    `${unfair}; found under-30 20.8 %, 30-to-55 21.3 %: ratio 0.79, below 0.8; allowed: at least 0.8; ${change}`
  ])
  t.same(refused({ metric, max: 0.8 }, { [metric]: 0.8 }), [])
  t.same(refused({ metric, max: 0.8 }, { [metric]: 0.81 }), [
    `${unfair}; found under-30 20.8 %, 30-to-55 21.3 %: ratio 0.81, above 0.8; allowed: at most 0.8; ${change}`
  ])
  t.same(refused({ metric, min: 0.1, max: 0.8 }, { [metric]: null }), [
    `${unfair}; found undefined, because no group has such cases; allowed: from 0.1 to 0.8; ${change}`
  ])
  for (const bound of [{ max: 0.8 }, { min: 0 }]) {
    t.equal(refused({ metric, ...bound }, { [metric]: null }).length, 1, 'null is not a number')
  }
  t.same(refused({ metric, attribute: 'age-band', min: 0.8 }, { [metric]: 0.9 }), [])
  t.same(refused({ metric, attribute: 'sex', min: 0.8 }, {}), [
    `${at}: the bias audit does not cover the attribute sex; fix: audit the attribute sex too`
  ])
  t.end()
})
