import type { JsonObject } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import { identify } from '../../../evidence/identity.ts'
import { inspectWorkload } from '../../../evidence/workload/inspect.ts'
import { digestOpaque } from '../../../evidence/workload/opaque-digest.ts'
import { evaluateWithCel } from '../../../webhook/evaluate.ts'
import type { EvaluationContext } from '../../../webhook/evaluate.ts'
import type { ObjectSource } from '../../../webhook/owner/object-source.ts'
import { readOperators } from '../../../webhook/owner/operator.ts'
import { buildPolicySet } from '../../../webhook/policy/policy-set.ts'
import type { PolicySet } from '../../../webhook/policy/policy-set.ts'
import { respond } from '../../../webhook/review/respond.ts'
import { buildSubject } from '../../../webhook/subject/subject.ts'
import type { Subject } from '../../../webhook/subject/subject.ts'
import { attested, commit, facts, modelCommit } from '../attested.ts'
import { context, policy } from '../judged.ts'

/** Objects of a cluster; each is stored under its kind, namespace and name. */
export class Cluster implements ObjectSource {
  readonly #objects = new Map<string, JsonObject>()
  /** Older answers for `recent`. */
  readonly #old = new Map<string, JsonObject>()
  readonly asked: string[] = []
  /** Why nothing can be read. */
  outage: string | undefined

  constructor(...objects: readonly JsonObject[]) {
    for (const object of objects) this.put(object)
  }

  put(object: JsonObject): void {
    this.#objects.set(keyOf(object), object)
  }

  /** What a cache still has of an object. */
  remember(object: JsonObject): void {
    this.#old.set(keyOf(object), object)
  }

  get: ObjectSource['get'] = ({ kind, namespace, name }, freshness) => {
    const key = `${kind.group}/${kind.kind} ${namespace}/${name}`
    this.asked.push(`${freshness} ${key}`)
    if (this.outage !== undefined) {
      return Promise.resolve({ kind: 'unreadable', reason: this.outage })
    }
    const old = freshness === 'recent' ? this.#old.get(key) : undefined
    const object = old ?? this.#objects.get(key)
    return Promise.resolve(object === undefined ? { kind: 'missing' } : { kind: 'found', object })
  }

  list: ObjectSource['list'] = ({ group, kind }, namespace) => {
    if (this.outage !== undefined) {
      return Promise.resolve({ kind: 'unreadable', reason: this.outage })
    }
    const ofKind = [...this.#objects].filter(([key]) =>
      key.startsWith(`${group}/${kind} ${namespace}/`)
    )
    return Promise.resolve({ kind: 'found', objects: ofKind.map(([, object]) => object) })
  }
}

function keyOf(object: JsonObject): string {
  const { group, kind, namespace, name } = identify(object)
  return `${group}/${kind} ${namespace}/${name}`
}

/** An object of a kind (`tekton.dev/v1 TaskRun`) in namespace ml, with a uid and the owner that controls it. */
export function object(
  type: string,
  name: string,
  { owner, namespace = 'ml', ...more }: { owner?: JsonObject; namespace?: string } & JsonObject = {}
): JsonObject {
  const [apiVersion = '', kind = ''] = type.split(' ')
  const metadata = {
    name,
    ...(namespace !== '' && { namespace }),
    uid: `uid of ${name}`,
    creationTimestamp: '2026-11-24T11:00:00Z',
    annotations: { [annotations.gitCommit]: commit, [annotations.modelCommit]: modelCommit }
  }
  const owned = owner === undefined ? metadata : { ...metadata, ownerReferences: [ownedBy(owner)] }
  return { apiVersion, kind, metadata: owned, ...more }
}

/** The controller reference to an object. */
export function ownedBy(owner: JsonObject): JsonObject {
  const { apiVersion = '', kind = '' } = owner
  const { name } = identify(owner)
  return { apiVersion, kind, name, uid: `uid of ${name}`, controller: true }
}

/** The object with a signed statement of what it runs. */
export function signed(object: JsonObject, more: Partial<typeof facts> = {}): JsonObject {
  const { group, kind, namespace, name } = identify(object)
  const { images = [], models = [], opaque = [] } = inspectWorkload(object) ?? {}
  return attested(object, {
    ...facts,
    object: { group, kind, namespace, name },
    images: images.map(({ value }) => value),
    models: models.map(({ value }) => value),
    opaque: opaque.map(each => ({ field: each.field, digest: { sha256: digestOpaque(each) } })),
    ...more
  })
}

/** A pod spec that runs these images. */
export function podOf(...images: readonly string[]): JsonObject {
  return { containers: images.map((image, index) => ({ name: `c${index}`, image })) }
}

export const account = 'system:serviceaccount:tekton-pipelines:tekton-pipelines-controller'

const operators = readOperators({
  operator: ['tekton-pipelines:tekton-pipelines-controller'],
  'operator-images': ['tekton-pipelines:tekton-pipelines-controller=ghcr.io/tektoncd/pipeline'],
  controller: []
}).operators

const rules = [policy({ provenance: {} }), policy({ labels: { required: [{ key: 'team' }] } })].map(
  (value, index) => ({ value: { ...value, metadata: { name: `p${index}` } }, where: 'p' })
)

/**
 * What the API server hears about an object: its denial, or why it was let through.
 *
 * @param object created by the operator of Tekton, under a policy for provenance and one for labels
 */
export async function ask(
  cluster: Cluster,
  object: JsonObject,
  more: Partial<Subject> & {
    readonly context?: Partial<EvaluationContext>
    readonly set?: PolicySet
  } = {}
): Promise<string> {
  const { context: given, set = buildPolicySet(rules, []), ...review } = more
  const subject = buildSubject({
    object,
    identity: identify(object),
    operation: review.oldObject === undefined ? 'CREATE' : 'UPDATE',
    subResource: '',
    requester: { username: account, groups: [] },
    ...review
  })
  const decision = await evaluateWithCel(
    subject,
    set,
    { ...context, owners: { operators, source: cluster }, ...given },
    { evaluator: { evaluate: () => Promise.reject(new Error('no rule is an expression')) } }
  )
  const { allowed, status, auditAnnotations } = respond('1', decision)
  if (allowed) return auditAnnotations?.exemption ?? 'allowed'
  return `${status?.code}: ${status?.message.split('\n').at(-1)}`
}
