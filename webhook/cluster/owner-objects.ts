import { isFault } from '../../common/fault.ts'
import type { Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import { isApiFault } from '../../service/kubernetes/api-fault.ts'
import type {
  Freshness,
  ObjectList,
  ObjectRead,
  ObjectSource,
  ObjectTarget
} from '../owner/object-source.ts'
import { componentOf } from '../owner/component.ts'
import type { OwnerKind } from '../owner/owner-kind.ts'

/** How old an answer may be that is used again. It lets a change of an owner wait for no longer. */
export const maxAgeMs = 5_000
/** An object usually has less than 20 KiB; a larger one than this is read every time. */
const maxKeptCharacters = 100_000
const maxKept = 200
/** The API server answers a read in milliseconds; it waits ten seconds for a review. */
const firstAttemptMs = 1_500
const attempts = 2

/** What the objects are read with. */
export interface OwnerObjectsOptions {
  readonly client: Pick<ApiClient, 'read' | 'list'>
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number
  readonly attemptMs?: number
  /** Called when RBAC does not let the webhook read a kind; `component` would. */
  readonly refused?: (kind: OwnerKind, component: string) => void
}

interface Kept {
  readonly readAtMs: number
  readonly read: Promise<ObjectRead>
}

/**
 * Reads owners and templates by single requests, and uses an answer again for five seconds. An informer
 * of each kind would hold every Pod and TaskRun of the cluster in memory, and an answer that refuses
 * a child must be current anyway. What was not found or not read is not kept.
 */
export class OwnerObjects implements ObjectSource {
  readonly #options: OwnerObjectsOptions
  readonly #kept = new Map<string, Kept>()

  constructor(options: OwnerObjectsOptions) {
    this.#options = options
  }

  get(target: ObjectTarget, freshness: Freshness): Promise<ObjectRead> {
    const { kind, namespace, name } = target
    const key = `${kind.group}/${kind.version}/${kind.plural}/${namespace}/${name}`
    const nowMs = this.#options.nowMs()
    const kept = this.#kept.get(key)
    if (freshness === 'recent' && kept !== undefined && nowMs - kept.readAtMs <= maxAgeMs) {
      return kept.read
    }
    const read = this.#read(target)
    const asked = { readAtMs: nowMs, read: read.then(({ answer }) => answer) }
    this.#keep(key, asked)
    void read.then(({ isKept }) => {
      if (!isKept && this.#kept.get(key) === asked) this.#kept.delete(key)
    })
    return asked.read
  }

  async list(kind: OwnerKind, namespace: string): Promise<ObjectList> {
    const objects: JsonObject[] = []
    let next: string | undefined
    try {
      do {
        const signal = AbortSignal.timeout(this.#attemptMs * attempts)
        const selection = namespace === '' ? {} : { namespace }
        const page = await this.#options.client.list(kind, selection, next, signal)
        objects.push(...page.objects.map(({ body }) => body))
        next = page.next
      } while (next !== undefined)
      return { kind: 'found', objects }
    } catch (error) {
      if (isApiFault(error, 'KUBERNETES_NOT_FOUND')) return { kind: 'found', objects: [] }
      if (!isFault(error)) throw error
      return { kind: 'unreadable', reason: this.#reasonOf(error, kind) }
    }
  }

  /** Of RBAC, it names the component that gives the permission. */
  #reasonOf(error: Fault, kind: OwnerKind): string {
    if (!isApiFault(error, 'KUBERNETES_FORBIDDEN')) return error.message
    const component = componentOf(kind)
    this.#options.refused?.(kind, component)
    return `${error.message}; manifests/components/${component} gives this permission`
  }

  get #attemptMs(): number {
    return this.#options.attemptMs ?? firstAttemptMs
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > maxKept && oldest !== undefined) this.#kept.delete(oldest)
  }

  /** Asks twice: some operators, Tekton among them, never make a child again that was refused. */
  async #read({ kind, namespace, name }: ObjectTarget): Promise<{
    readonly answer: ObjectRead
    readonly isKept: boolean
  }> {
    let reason = ''
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        const target = namespace === '' ? { name } : { namespace, name }
        const signal = AbortSignal.timeout(this.#attemptMs)
        const { object, characters } = await this.#options.client.read(kind, target, signal)
        const answer = { kind: 'found', object: object.body } as const
        return { answer, isKept: characters <= maxKeptCharacters }
      } catch (error) {
        if (isApiFault(error, 'KUBERNETES_NOT_FOUND')) {
          return { answer: { kind: 'missing' }, isKept: false }
        }
        if (!isFault(error)) throw error
        reason = this.#reasonOf(error, kind)
        if (isApiFault(error, 'KUBERNETES_FORBIDDEN')) break
      }
    }
    return { answer: { kind: 'unreadable', reason }, isKept: false }
  }
}
