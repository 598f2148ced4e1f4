import { identify } from '../../evidence/identity.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'
import type { JsonObject } from '../../common/json.ts'
import { annotations } from '../../evidence/annotations.ts'
import { annotated, attested, commit, facts, modelCommit } from './attested.ts'

/** `object` as a render signs it: with the commits, and a statement of everything that it runs. */
export function signed(object: JsonObject): JsonObject {
  const { group, kind, namespace, name } = identify(object)
  const { images = [], models = [], opaque = [] } = inspectWorkload(object) ?? {}
  const stamped = annotated(object, {
    [annotations.gitCommit]: commit,
    [annotations.modelCommit]: modelCommit
  })
  return attested(stamped, {
    ...facts,
    object: { group, kind, namespace, name },
    images: images.map(({ value }) => value),
    models: models.map(({ value }) => value),
    opaque: opaque.map(each => ({ field: each.field, digest: { sha256: digestOpaque(each) } }))
  })
}

/** `object` with another spec, and all else as it was: its attestation too. */
export function exchanged(object: JsonObject, spec: JsonObject): JsonObject {
  return { ...object, spec }
}
