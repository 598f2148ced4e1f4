import { member } from '../../common/json.ts'
import { errorFields } from '../log.ts'
import type { ApiClient } from './api-client.ts'
import { resourceName } from './resource.ts'
import type { Resource } from './resource.ts'

/** What a service has to be allowed. */
export interface Access {
  readonly resource: Pick<Resource, 'group' | 'plural'>
  readonly subresource?: string
  readonly verbs: readonly string[]
  /** Undefined: in every namespace, or an object of the cluster. */
  readonly namespace?: string | undefined
  /** Only this object. */
  readonly name?: string
}

const reviews: Resource = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview'
}

/**
 * Asks the API server whether we may do what we will have to, so that a missing verb is told by name
 * before it is missed (authorization.k8s.io/v1 SelfSubjectAccessReview; every user may create one).
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

  /** Asks about everything again. It never rejects. @returns true when nothing is missing */
  async check(): Promise<boolean> {
    try {
      const missing = await Promise.all(this.#needed.map(access => this.#missing(access)))
      const lacks = missing.filter(text => text !== undefined)
      this.#reason = lacks.length === 0 ? undefined : `RBAC lacks ${lacks.join('; ')}`
    } catch (error) {
      const { reason, error: name } = errorFields(error)
      this.#reason = `permissions could not be checked: ${reason ?? name}`
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
    const kind = [resourceName(resource), subresource].filter(Boolean).join('/')
    const object = name === undefined ? '' : ` ${name}`
    const where = namespace === undefined ? '' : ` in ${namespace}`
    return `${denied.join(', ')} ${kind}${object}${where}`
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
    const answer = await this.#client.review(reviews, { spec: { resourceAttributes } })
    return member(member(answer, 'status'), 'allowed') === true
  }
}
