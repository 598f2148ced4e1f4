import type { JsonObject } from '../../../common/json.ts'
import { applied, jsonPatched, mergePatched } from './fake-patch.ts'
import type { Ownership } from './fake-patch.ts'
import type { Asked } from './fake-request.ts'
import { StatusError } from './fake-storage.ts'
import type { FakeStorage } from './fake-storage.ts'

/** Create, update, the patches and delete. */
export class FakeWrites {
  readonly #storage: FakeStorage
  readonly #owners = new Map<string, Ownership>()

  constructor(storage: FakeStorage) {
    this.#storage = storage
  }

  /** @throws {StatusError} 404 */
  existing({ plural, namespace, name }: Asked): JsonObject {
    const object = this.#storage.get({ plural, namespace, name })
    if (object !== undefined) return object
    throw new StatusError(404, 'NotFound', `${plural} "${name}" not found`)
  }

  write(asked: Asked): JsonObject {
    const { verb, plural, namespace, name } = asked
    switch (verb) {
      case 'create':
        return this.#create(asked)
      case 'update':
        this.existing(asked)
        return this.#store(asked, this.#checked(asked, asked.body as JsonObject))
      case 'patch':
        return this.#patch(asked)
      default:
        this.existing(asked)
        this.#storage.delete({ plural, namespace, name })
        return { kind: 'Status', status: 'Success' }
    }
  }

  #create({ plural, namespace, body }: Asked): JsonObject {
    const object = body as JsonObject
    const { name } = object.metadata as { readonly name: string }
    if (this.#storage.get({ plural, namespace, name }) !== undefined) {
      throw new StatusError(409, 'AlreadyExists', `${plural} "${name}" already exists`)
    }
    return this.#storage.put({ plural, namespace, name }, object)
  }

  #patch(asked: Asked): JsonObject {
    const { contentType, body = null } = asked
    switch (contentType) {
      case 'application/apply-patch+yaml':
        return this.#apply(asked, body as JsonObject)
      case 'application/merge-patch+json': {
        const patched = mergePatched(this.existing(asked), body) as JsonObject
        return this.#store(asked, this.#checked(asked, patched))
      }
      case 'application/json-patch+json': {
        return this.#store(asked, this.#checked(asked, jsonPatched(this.existing(asked), body)))
      }
      default:
        throw new StatusError(415, 'UnsupportedMediaType', contentType)
    }
  }

  #apply(asked: Asked, given: JsonObject): JsonObject {
    const { plural, namespace, name, query, resource, subresource } = asked
    const manager = query.get('fieldManager') ?? ''
    if (manager === '') throw new StatusError(400, 'BadRequest', 'fieldManager is required')
    if (given.kind !== resource?.kind) throw new StatusError(400, 'BadRequest', 'wrong kind')
    const last = this.#storage.get({ plural, namespace, name })
    if (last === undefined && subresource !== '') this.existing(asked)
    const key = `${plural}/${namespace}/${name}`
    const isForced = query.get('force') === 'true'
    const owners = this.#owners.get(key) ?? new Map()
    const result = applied(last ?? { metadata: { name } }, given, owners, { manager, isForced })
    this.#owners.set(key, result.owners)
    return this.#store(asked, this.#checked(asked, result.object))
  }

  /** @throws {StatusError} 409 if the object has another version than the newest */
  #checked(asked: Asked, object: JsonObject): JsonObject {
    const version = versionOf(object)
    const last = this.#storage.get(asked)
    if (version === undefined || last === undefined || version === versionOf(last)) return object
    const message = `Operation cannot be fulfilled on ${asked.plural} "${asked.name}": the object has been modified`
    throw new StatusError(409, 'Conflict', message)
  }

  /** The subresource `status` writes only the status, any other write everything else. */
  #store(asked: Asked, object: JsonObject): JsonObject {
    const { plural, namespace, name, subresource } = asked
    const { status: lastStatus, ...last } = { ...this.#storage.get(asked) }
    const { status, ...given } = { ...object }
    if (subresource === 'status') this.existing(asked)
    const [rest, kept] = subresource === 'status' ? [last, status] : [given, lastStatus]
    return this.#storage.put(
      { plural, namespace, name },
      kept === undefined ? rest : { ...rest, status: kept }
    )
  }
}

function versionOf({ metadata }: JsonObject): string | undefined {
  return (metadata as { readonly resourceVersion?: string } | undefined)?.resourceVersion
}
