import { stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { identify } from '../identity.ts'

/** What is known of an object by which the API server's admission plugins and registries add to it. */
export interface ServerView {
  readonly group: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly isUpdate: boolean
}

/** Reads {@link ServerView} from an object. */
export function serverView(object: JsonObject, isUpdate: boolean): ServerView {
  const { group, kind, name } = identify(object)
  return { group, kind, name, uid: stringMember(object.metadata, 'uid') ?? '', isUpdate }
}
