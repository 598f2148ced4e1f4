import { errorFields } from '../log.ts'
import type { ApiClient } from './api-client.ts'
import { describeTarget } from './resource.ts'
import type { Resource } from './resource.ts'

/** A permission that a service needs. */
export interface Access {
  readonly resource: Pick<Resource, 'group' | 'plural'>
  readonly subresource?: string
  readonly verbs: readonly string[]
  /** Undefined: in every namespace, or for an object of the cluster. */
  readonly namespace?: string | undefined
  /** Only this object. */
  readonly name?: string
}

/**
 * Asks the API server which permissions we have, so that readiness names a missing verb before a request
 * fails for it (authorization.k8s.io/v1 SelfSubjectAccessReview; every user may create one).
 */
export class AccessCheck {
  readonly #client: ApiClient
  readonly #needed: readonly Access[]
  #reason: string | undefined = 'permissions have not been checked yet'

  constructor(client: ApiClient, needed: readonly Access[]) {
    this.#client = client
    this.#needed = needed
  }

  /** A readiness check: `RBAC lacks watch modelpolicies.mlgitops.io, ...`. */
  notReadyReason(): string | undefined {
    return this.#reason
  }

  /** Checks every permission again; never rejects. @returns true when none is missing */
  async check(): Promise<boolean> {
    try {
      const missing = await Promise.all(this.#needed.map(access => this.#missing(access)))
      const lacks = missing.filter(text => text !== undefined)
      this.#reason = lacks.length === 0 ? undefined : `RBAC lacks ${lacks.join('; ')}`
    } catch (error) {
      const { reason, error: name } = errorFields(error)
      this.#reason = `cannot check permissions: ${reason ?? name}`
    }
    return this.#reason === undefined
  }

  async #missing(access: Access): Promise<string | undefined> {
    const denied: string[] = []
    for (const verb of access.verbs) {
      if (!(await this.#isAllowed(verb, access))) denied.push(verb)
    }
    if (denied.length === 0) return undefined
    const { resource, subresource, namespace, name } = access
    const where = namespace === undefined ? '' : ` in ${namespace}`
    return `${denied.join(', ')} ${describeTarget(resource, { name, subresource })}${where}`
  }

  async #isAllowed(verb: string, access: Access): Promise<boolean> {
    const { resource, subresource, namespace, name } = access
    const resourceAttributes = {
      verb,
      group: resource.group,
      resource: resource.plural,
      ...(subresource !== undefined && { subresource }),
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name })
    }
    const body = { spec: { resourceAttributes } }
    const review = await this.#client.authorization.createSelfSubjectAccessReview({ body })
    return review.status?.allowed === true
  }
}
