import t from 'tap'
import type { Test } from 'tap'
import { policy, TestFolder } from '../../webhook/check/folder.ts'

/** A Canary as somebody writes it; `analysis` is YAML, indented by four. */
const canary = (analysis: string): string => `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: churn, namespace: ml }
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: churn }
  service: { port: 80 }
  analysis:
    interval: 1m
    threshold: 5
    stepWeight: 10
${analysis}`

const good = canary(`    metrics:
      - { name: request-success-rate, thresholdRange: { min: 99 } }
      - { name: model-precision, thresholdRange: { min: 0.92 }, templateRef: { name: model-precision } }
      - { name: conversion, thresholdRange: { min: 3 }, templateRef: { name: conversion } }
    webhooks:
      - { name: load, url: "http://loadtester/", metadata: { cmd: hey, type: bash } }
      - { name: gate, type: confirm-promotion, url: "http://loadtester/gate/check" }
      - { name: judge, url: "http://analysis/webhook/rollout", metadata: { maturity: 10m, commit: 4e88b67 } }
      - { name: back, type: rollback, url: "https://user:pass@analysis/webhook/rollback" }
      - name: promote
        type: confirm-promotion
        url: http://analysis/webhook/canary
        metadata: { type: confirm-promotion }
`)

async function check(t: Test, files: Readonly<Record<string, string>>, ...args: string[]) {
  const folder = new TestFolder(files)
  t.teardown(() => {
    folder.remove()
  })
  return await folder.check(...args)
}

t.test('a Canary is read without policies: 0 for a good one, 2 if there is none', async t => {
  t.same(await check(t, { 'canary.yaml': good }, 'canary.yaml'), {
    stdout: '0 of 0 policies applied: 1 checked, 0 denied, 0 warned\n',
    stderr: '',
    exitCode: 0
  })
  const job = 'apiVersion: batch/v1\nkind: Job\nmetadata: { name: a }\n'
  t.match(await check(t, { 'job.yaml': job }, 'job.yaml'), {
    stderr: /^mlgitops check: check needs --policies FILE\|DIR\n/,
    exitCode: 2
  })
  t.match(await check(t, { 'd/job.yaml': job, 'd/canary.yaml': good }, 'd'), {
    stdout: /: 1 checked, /,
    exitCode: 0
  })
})

t.test('policies and the reading of a Canary are in one report', async t => {
  const bad = canary('    webhooks: [{ name: a, url: "http://a/webhook/rolout" }]\n')
  const files = { 'canary.yaml': bad, 'p.yaml': policy() }
  const { stdout, exitCode } = await check(t, files, 'canary.yaml', '--policies', 'p.yaml')
  t.equal(exitCode, 1)
  t.match(stdout, /Deny need-team \(labels\)/)
  t.match(stdout, /Deny mlgitops \(canary\): the analysis answers no hook of this type/)
  t.match(stdout, /1 of 1 policies applied: 1 checked, 1 denied, 0 warned\n$/)
  const json = await check(t, { 'canary.yaml': bad }, 'canary.yaml', '--output', 'json')
  t.same((JSON.parse(json.stdout) as { results: unknown }).results, [
    {
      policy: 'mlgitops',
      rule: 'canary',
      action: 'Deny',
      object: { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', namespace: 'ml', name: 'churn' },
      field: 'spec.analysis.webhooks[0].url',
      message:
        'the analysis answers no hook of this type; found "rolout"; allowed: confirm-rollout, pre-rollout, rollout, confirm-traffic-increase, confirm-promotion, post-rollout, rollback, event, canary; fix: did you mean rollout?'
    }
  ])
})

t.test('a Canary as the document writes one is denied for what Flagger does with it', async t => {
  const seed = canary(`    metrics:
      - { name: request-success-rate, thresholdRange: { min: 99 }, interval: 30s }
      - { name: model-predict-latency-ms, threshold: 100, interval: 30s }
      - { name: model-precision, thresholdRange: { min: 0.92 }, interval: 1m }
    webhooks:
      - { type: pre-rollout, url: "http://analysis-service.production/webhook/canary", timeout: 30s }
`)
  const noQuery =
    'Flagger has no query for the metric: it fails each check, and older versions ignore the metric'
  t.same(await check(t, { 'canary.yaml': seed }, 'canary.yaml'), {
    stdout: `canary.yaml:1: flagger.app/Canary ml/churn
  Deny mlgitops (canary): the webhook has no name, which Flagger's definition requires
    field:   spec.analysis.webhooks[0].name
    fix:     add a name, such as judge
  Deny mlgitops (canary): ${noQuery}
    field:   spec.analysis.metrics[1].templateRef
    found:   "model-predict-latency-ms"
    fix:     add templateRef with the name of a MetricTemplate, or instead latency.p99.max: "100ms" in a ModelAnalysis or the metadata of a webhook
  Deny mlgitops (canary): ${noQuery}
    field:   spec.analysis.metrics[2].templateRef
    found:   "model-precision"
    fix:     add templateRef with the name of a MetricTemplate, or instead precision.min: "0.92" in a ModelAnalysis or the metadata of a webhook
  Warn mlgitops (canary): no webhook of type rollout, confirm-promotion or rollback calls the analysis: it does not judge the traffic of the canary
    field:   spec.analysis.webhooks
    fix:     add a webhook of type rollout with an address that ends with /webhook/rollout

0 of 0 policies applied: 1 checked, 1 denied, 0 warned
`,
    stderr: '',
    exitCode: 1
  })
})

/** `field: message` of each finding. */
async function findings(t: Test, manifest: string): Promise<readonly string[]> {
  const { stdout } = await check(t, { 'm.yaml': manifest }, 'm.yaml', '--output', 'json')
  const { results } = JSON.parse(stdout) as {
    readonly results: readonly { action: string; field: string; message: string }[]
  }
  return results.map(({ action, field, message }) => `${action} ${field}: ${message}`)
}

const webhook = (type: string, path: string, metadata = '{}') =>
  canary(
    `    webhooks: [{ name: a, type: ${type}, url: "http://a/webhook/${path}", metadata: ${metadata} }]\n`
  )

t.test('metadata: unknown keys with the nearest one, and wrong values', async t => {
  const at = 'Deny spec.analysis.webhooks[0].metadata'
  const metadata = '{ precison.min: "0.9", latency.p99.maximum: 1s, recall.min: "92", zzz: "1" }'
  t.same(await findings(t, webhook('rollout', 'rollout', metadata)), [
    `${at}[precison.min]: the objective key is unknown; found "precison.min"; fix: did you mean precision.min?`,
    `${at}[latency.p99.maximum]: the objective key is unknown; found "latency.p99.maximum"`,
    `${at}[zzz]: the objective key is unknown; found "zzz"`,
    `${at}[recall.min]: the value cannot be used; found "92"; allowed: a ratio between 0 and 1`
  ])
  t.same(await findings(t, webhook('rollout', 'rollout', '{ precision.min: 0.9, a: [1] }')), [
    `${at}[precision.min]: Flagger's definition takes only strings; found a number; fix: write it in quotes`,
    `${at}[a]: Flagger's definition takes only strings; found a list; fix: write it in quotes`
  ])
  t.same(await findings(t, webhook('rollout', 'rollout', '{ max-analysis: 2 days }')), [
    `${at}[max-analysis]: the value cannot be used; found "2 days"; allowed: a Go duration, such as 100ms, 30s or 1h30m`
  ])
  const refined = '{ precision.margin: "0.05", attempt: "1" }'
  t.same(
    await findings(t, webhook('rollout', 'rollout', refined)),
    [],
    'the limit may be in a ModelAnalysis'
  )
  t.same(await findings(t, webhook('rollout', 'rollout', '{ source: prometheus }')), [])
})

t.test('an address that is answered as another hook', async t => {
  const at = 'Deny spec.analysis.webhooks[0]'
  t.same(await findings(t, webhook('rollback', 'rollout')), [
    `${at}.url: Flagger calls the webhook as rollback, and the analysis answers it as rollout: its 200 rolls back; fix: end the address with /webhook/rollback`
  ])
  t.same(await findings(t, webhook('rollout', 'rollback')), [
    `${at}.url: Flagger calls the webhook as rollout, and the analysis answers it as rollback: its 404 is a failed check; fix: end the address with /webhook/rollout`
  ])
  t.match(await findings(t, webhook('confirm-promotion', 'canary')), [
    `${at}.metadata: Flagger calls the webhook as confirm-promotion, and the analysis answers it as pre-rollout: it promotes without a proof; fix: add type: confirm-promotion`
  ])
  t.match(await findings(t, webhook('rollout', 'canary', '{ type: rolloud }')), [
    /^Deny spec\.analysis\.webhooks\[0\]\.metadata\[type\]: the hook type is unknown; found "rolloud"; .*fix: did you mean rollout\?$/
  ])
  t.same(await findings(t, webhook('""', 'rollout')), [], 'rollout is the default')
  t.same(await findings(t, webhook('rollout', 'deploy')), [], 'of another service')
  t.same(await findings(t, webhook('rollout', 'deploy', '{ precision.min: "0.9" }')), [
    'Warn spec.analysis.webhooks[0].url: the metadata names objectives, and the address is none of the analysis; allowed: an address that ends with /webhook/TYPE'
  ])
})

t.test('what the definition of Flagger refuses, and bounds that cannot be judged', async t => {
  const metric = (text: string) =>
    canary(`    webhooks: [{ name: a, url: "http://a/webhook/rollout" }]\n    metrics: [${text}]\n`)
  const at = 'Deny spec.analysis.metrics[0]'
  t.same(await findings(t, metric('{ name: request-duration, thresholdRange: { max: "500" } }')), [
    `${at}.thresholdRange.max: Flagger's definition takes only a number; found a string`
  ])
  t.same(await findings(t, metric('{ thresholdRange: { maximum: 5 } }')), [
    `${at}.name: the metric has no name, which Flagger's definition requires`,
    `${at}.thresholdRange.maximum: Flagger has no such bound; allowed: min, max`
  ])
  const ref = 'templateRef: { name: x }'
  t.same(await findings(t, metric(`{ name: model-recall, threshold: 0.9, ${ref} }`)), [
    `${at}: the analysis cannot judge the metric: threshold is a maximum in Flagger; write thresholdRange.min; found "model-recall"`
  ])
  t.same(await findings(t, metric('{ name: conversion, threshold: 3, query: vector(1) }')), [])
  t.match(await findings(t, metric('{ name: conversion, threshold: 3 }')), [
    /^Deny spec\.analysis\.metrics\[0\]\.templateRef: .*; found "conversion"; fix: add templateRef with the name of a MetricTemplate$/
  ])
  t.same(await findings(t, canary('    webhooks: [{ name: a, metadata: text }]\n')), [
    "Deny spec.analysis.webhooks[0].url: the webhook has no url, which Flagger's definition requires; fix: add the address",
    'Deny spec.analysis.webhooks[0].metadata: the metadata is no object; found a string; allowed: keys with strings'
  ])
})

t.test('a ModelAnalysis, and an AnalysisTemplate that requests a verdict', async t => {
  const analysis = (spec: string, name = 'churn') => `apiVersion: mlgitops.io/v1alpha1
kind: ModelAnalysis
metadata: { name: "${name}", namespace: ml }
spec: ${spec}
`
  t.same(await findings(t, analysis('{ precision: { min: 0.9 }, dispersion: off }')), [])
  t.same(await findings(t, analysis('{ precison: { min: 0.9 }, recall: { min: 2 } }')), [
    'Deny spec.precison.min: the objective key is unknown; found "precison.min"; fix: did you mean precision.min?',
    'Deny spec.recall.min: the value cannot be used; found "2"; allowed: a ratio between 0 and 1'
  ])
  t.same(await findings(t, analysis('{ maturity: 1m }')), [
    'Deny spec: the objectives cannot be used: no objective is given, such as precision.min, latency.p99.max or precision.versus'
  ])
  t.same(await findings(t, analysis('{ precision: { min: [1] } }')), [
    'Deny spec: spec.precision.min must be a string, number or boolean'
  ])
  t.same(await findings(t, analysis('{ precision: { min: 0.9 } }', '')), [
    'Deny spec: metadata.namespace and metadata.name must name a Canary'
  ])
  const template = (metric: string) => `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: verdict, namespace: ml }
spec:
  metrics:
    - name: verdict
      ${metric}
`
  const web = (body: string) =>
    `provider: { web: { method: POST, url: "http://a/v1/verdict", ${body} } }`
  const at = 'Deny spec.metrics[0]'
  const metadata =
    '{ precison.min: "{{args.min}}", recall.min: "{{args.min}}", latency.p99.max: soon }'
  t.same(await findings(t, template(web(`jsonBody: { metadata: ${metadata} }`))), [
    `${at}: without a condition Argo Rollouts takes every answer as success; fix: add successCondition: result.verdict == "pass" and failureCondition: result.verdict == "fail"`,
    `${at}.provider.web.jsonBody.metadata[latency.p99.max]: the value cannot be used; found "soon"; allowed: a Go duration, such as 100ms, 30s or 1h30m`,
    `${at}.provider.web.jsonBody.metadata[precison.min]: the objective key is unknown; found "precison.min"; fix: did you mean precision.min?`
  ])
  const condition = `successCondition: result.verdict == "pass"\n      `
  t.match(await findings(t, template(condition + web(`body: '{"metadata":{"recal.min":"1"}}'`))), [
    /^Deny spec\.metrics\[0\]\.provider\.web\.body\.metadata\[recal\.min\]/
  ])
  const other = 'provider: { web: { url: "http://b/health", jsonBody: { metadata: { a: b } } } }'
  t.same(await findings(t, template(other)), [], 'of another service')
})

t.test('the examples have no finding', async t => {
  const folder = new TestFolder({})
  t.teardown(() => {
    folder.remove()
  })
  const { stdout, exitCode } = await folder.check(`${process.cwd()}/manifests/examples/canary`)
  t.equal(stdout, '0 of 0 policies applied: 3 checked, 0 denied, 0 warned\n')
  t.equal(exitCode, 0)
})
