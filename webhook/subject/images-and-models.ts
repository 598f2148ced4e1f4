import type { OpaqueField } from '../../evidence/workload/workload.ts'
import { valueAtField } from './field.ts'
import { searchText } from './hidden-text.ts'
import type { HiddenText, HiddenValue } from './hidden-text.ts'
import { oncePerSubject } from './once-per-subject.ts'
import type { Subject } from './subject.ts'

/** Every image and model of an object, including those in texts, and the fields that cannot be searched. */
export interface ImagesAndModels {
  readonly images: readonly HiddenValue[]
  readonly models: readonly HiddenValue[]
  readonly unsearched: readonly OpaqueField[]
  /** Commands and code in images that are judged: they can load a model, and a signature vouches for them. */
  readonly code: readonly OpaqueField[]
}

/** For all texts of one object together; reading them takes about 50 ms. */
const maxTextCharacters = 64 * 1024
/** For all texts of one object together. */
const maxHiddenValues = 2_000

/**
 * Finds an object's images and models. Texts are searched until they reach 64 Ki characters or 2,000
 * images and models together; the rest counts as fields that cannot be searched. References to other
 * objects of the cluster are not followed: those objects are judged when they are admitted.
 */
export const imagesAndModelsOf = oncePerSubject((subject): ImagesAndModels => {
  const { images = [], models = [], opaque = [] } = subject.workload ?? {}
  const hidden = searchTexts(subject)
  return {
    images: hidden.images.length === 0 ? images : [...images, ...hidden.images],
    models: hidden.models.length === 0 ? models : [...models, ...hidden.models],
    unsearched: hidden.unsearched,
    code: opaque.filter(({ kind }) => kind === 'code')
  }
})

function searchTexts(subject: Subject): Omit<ImagesAndModels, 'code'> {
  const [images, models, unsearched]: [HiddenValue[], HiddenValue[], OpaqueField[]] = [[], [], []]
  let [charactersLeft, valuesLeft] = [maxTextCharacters, maxHiddenValues]
  for (const opaque of subject.workload?.opaque ?? []) {
    const text = textOf(subject, opaque)
    charactersLeft -= text?.length ?? 0
    const found = charactersLeft < 0 ? unreadable : search(opaque, text)
    if (found.kind === 'searched') valuesLeft -= found.images.length + found.models.length
    if (found.kind === 'unreadable' || valuesLeft < 0) unsearched.push(opaque)
    else {
      images.push(...found.images)
      models.push(...found.models)
    }
  }
  return { images, models, unsearched }
}

const unreadable: HiddenText = { kind: 'unreadable' }
const nothing: HiddenText = { kind: 'searched', images: [], models: [] }

function textOf({ object }: Subject, { field, kind }: OpaqueField): string | undefined {
  const value = kind === 'text' ? valueAtField(object, field) : undefined
  return typeof value === 'string' ? value : undefined
}

function search({ field, kind }: OpaqueField, text: string | undefined): HiddenText {
  if (kind === 'local' || kind === 'code' || kind === 'bound') return nothing
  return text === undefined ? unreadable : searchText(field, text)
}
