import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { BiasAudit } from '../../evidence/bias-audit/bias-audit.ts'
import { fairnessMetrics } from '../../evidence/bias-audit/metrics.ts'
import { identify } from '../../evidence/identity.ts'
import type { ReviewResponse } from '../../webhook/review/respond.ts'
import { renderSigned } from './rendered.ts'
import { models } from './repository.ts'
import type { DemoRepository } from './repository.ts'
import type { WebhookProcess } from './webhook-process.ts'

const policies = path.join(import.meta.dirname, '../../manifests/policies')
const environment = 'production'
const churn = models[0]

/** The ready-made policies of the demo's webhook. */
export const demoPolicies = policies

/** What the reviews need. */
export interface AdmissionStage {
  readonly repository: DemoRepository
  readonly webhook: WebhookProcess
  readonly key: string
  readonly say: (text: string) => void
}

/**
 * Sends the objects of each commit as AdmissionReviews. The pipeline of a model is denied when the model's
 * bias audit is missing, too old, unfair or of another model, and allowed with a good one. An attestation
 * that was copied to another image is denied.
 */
export async function showAdmission(stage: AdmissionStage): Promise<void> {
  const { repository, say } = stage
  const audit = repository.readAudit(churn)
  if (audit === undefined) throw new Error(`${churn} has no bias audit`)
  const cases: readonly (readonly [string, BiasAudit | undefined])[] = [
    ['without an audit', undefined],
    ['with an audit of two years ago', { ...audit, date: yearsAgo(2) }],
    ['with an audit that finds it unfair', unfair(audit)],
    ['with the audit of another model', repository.readAudit(models[1])]
  ]
  for (const [what, changed] of cases) {
    repository.writeAudit(churn, changed)
    const commit = repository.commit(`The churn model ${what}`)
    say(`\n${commit.slice(0, 7)}, the churn model ${what}\n`)
    const objects = await renderAll(stage, churn)
    await showReviews(
      stage,
      objects.filter(object => object.kind === 'PipelineRun')
    )
  }
  repository.writeAudit(churn, audit)
  const commit = repository.commit('The churn model with its audit')
  say(`\n${commit.slice(0, 7)}, the churn model with its audit\n`)
  const admitted = await renderAll(stage, churn)
  await showReviews(stage, admitted)
  say(`\nThe same commit, the other models\n`)
  for (const application of models.slice(1)) {
    await showReviews(stage, await renderAll(stage, application))
  }
  say('\nThe attestation of the training Job, copied to another image\n')
  const jobs = admitted.filter(object => object.kind === 'Job')
  await showReviews(stage, jobs.map(withOtherImage))
}

/** The objects of an application path at HEAD, in production. */
export async function renderAll({ repository, key }: AdmissionStage, application: string) {
  const { objects } = await renderSigned(repository.folder, application, { environment, key })
  return objects
}

async function showReviews(stage: AdmissionStage, objects: readonly JsonObject[]) {
  const { say } = stage
  for (const object of objects) {
    const { allowed, status } = await review(stage, object)
    const { kind, name } = identify(object)
    say(`  ${allowed ? 'admitted' : 'refused '}  ${kind} ${name}\n`)
    for (const line of status?.message.split('\n').slice(1) ?? []) say(`      ${line}\n`)
  }
}

/** Sends an object as the API server does when Argo CD creates it. */
export function review({ webhook }: AdmissionStage, object: JsonObject): Promise<ReviewResponse> {
  return webhook.review(reviewOf(object))
}

function reviewOf(object: JsonObject): JsonObject {
  const { group, version, kind, namespace, name } = identify(object)
  const gvk = { group, version, kind }
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: randomUUID(),
      kind: gvk,
      requestKind: gvk,
      name,
      namespace,
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:argocd:argocd-application-controller',
        groups: ['system:serviceaccounts', 'system:authenticated']
      },
      object,
      oldObject: null,
      dryRun: false
    }
  }
}

function yearsAgo(years: number): string {
  const date = new Date()
  date.setUTCFullYear(date.getUTCFullYear() - years)
  return date.toISOString().slice(0, 10)
}

/** The audit with 200 wrong rejections in its first group. */
function unfair(audit: BiasAudit): BiasAudit {
  const [attribute, ...others] = audit.attributes
  if (attribute === undefined) throw new Error('the audit has no attribute')
  const missed = 200
  const groups = attribute.groups.map((group, index) =>
    index > 0
      ? group
      : {
          ...group,
          selected: group.selected - missed,
          tp: group.tp - missed,
          fn: group.fn + missed
        }
  )
  return {
    ...audit,
    attributes: [{ ...attribute, groups, metrics: fairnessMetrics(groups) }, ...others]
  }
}

function withOtherImage(object: JsonObject): JsonObject {
  const container = (value: JsonValue) =>
    isJsonObject(value)
      ? { ...value, image: (stringMember(value, 'image') ?? '').replace('/trainer:', '/miner:') }
      : value
  const template = member(member(object, 'spec'), 'template')
  const pod = member(template, 'spec')
  const containers = member(pod, 'containers')
  if (!isJsonObject(template) || !isJsonObject(pod) || !isJsonArray(containers)) {
    throw new Error(`${stringMember(object, 'kind') ?? ''} has no containers`)
  }
  const spec = { ...pod, containers: containers.map(container) }
  return { ...object, spec: { ...(object.spec as JsonObject), template: { ...template, spec } } }
}
