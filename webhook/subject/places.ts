import { stringMember } from '../../common/json.ts'
import type { OpaqueField } from '../../evidence/workload/inspect.ts'
import { valueAtField } from './field.ts'
import { searchText } from './hidden-text.ts'
import type { HiddenText, HiddenValue } from './hidden-text.ts'
import { oncePerSubject } from './once-per-subject.ts'
import type { Subject } from './subject.ts'

/** Every image and model of an object, those in its texts included, and what could not be searched. */
export interface Places {
  readonly images: readonly HiddenValue[]
  readonly models: readonly HiddenValue[]
  readonly unsearched: readonly { readonly field: string; readonly reason: string }[]
}

/**
 * Reads an object's places. A reference to another object of the cluster is not followed: that object
 * is judged when it is admitted itself.
 */
export const placesOf = oncePerSubject((subject): Places => {
  const { workload } = subject
  const images = (workload?.images ?? []).map(({ field, image }) => ({ field, value: image }))
  const models = (workload?.models ?? []).map(({ field, uri }) => ({ field, value: uri }))
  const unsearched: { field: string; reason: string }[] = []
  for (const opaque of workload?.opaque ?? []) {
    const found = search(subject, opaque)
    if (found.kind === 'unreadable') unsearched.push(opaque)
    else {
      images.push(...found.images)
      models.push(...found.models)
    }
  }
  return { images, models: [...models, ...registeredModels(subject)], unsearched }
})

function search({ object }: Subject, { field, kind }: OpaqueField): HiddenText {
  if (kind === 'local') return { kind: 'searched', images: [], models: [] }
  const value = kind === 'text' ? valueAtField(object, field) : undefined
  return typeof value === 'string' ? searchText(field, value) : { kind: 'unreadable' }
}

/** A registry entry runs nothing, and names what others will run. */
function registeredModels({ object, identity }: Subject): readonly HiddenValue[] {
  if (identity.group !== 'mlgitops.io' || identity.kind !== 'RegisteredModel') return []
  const value = stringMember(object.spec, 'artifactPath')
  return value === undefined ? [] : [{ field: 'spec.artifactPath', value }]
}
