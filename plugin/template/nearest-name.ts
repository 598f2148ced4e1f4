import { editDistance } from '../../common/edit-distance.ts'
import { isJsonObject } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import type { Scope } from './scope.ts'

const maxNames = 2_000
const maxDepth = 4
const maxCharacters = 60

/** The name that a wrong name in a template most likely means, as one writes it; undefined without one. */
export function nearestName(text: string, scope: Scope): string | undefined {
  if (text.length > maxCharacters) return undefined
  const wanted = text.toLowerCase().replace(/^(?:\.\.\/|\.|\$|@root|this(?=\.))*/, '')
  const isLoop = wanted.startsWith('@')
  const candidates = isLoop ? loopNames(scope) : names(scope)
  const bare = wanted.replace(/^\.?v[a-z]*s?\.(?=.)/, '')
  return candidates
    .map(name => ({ name, distance: distanceOf(name, isLoop ? wanted : bare) }))
    .filter(({ distance }) => distance <= (bare.length < 4 ? 1 : bare.length < 9 ? 2 : 3))
    .sort((a, b) => a.distance - b.distance)[0]?.name
}

/** A name below others, such as `.Values.image.tag` for `tag`, is farther than one of the same depth. */
function distanceOf(name: string, wanted: string): number {
  const path = name.replace(/^(?:\.Values\.|(?:\.\.\/)+)/, '').toLowerCase()
  if (Math.abs(path.length - wanted.length) <= 3) return editDistance(path, wanted)
  const end = path.split('.').slice(-wanted.split('.').length).join('.')
  return Math.abs(end.length - wanted.length) > 3 ? Infinity : editDistance(end, wanted) + 0.5
}

function names(scope: Scope): string[] {
  const known: string[] = []
  let up = ''
  for (let at = scope; at.outer !== undefined; at = at.outer) {
    const above = up
    known.push(...Object.keys(at.parameters))
    if (isJsonObject(at.context)) known.push(...Object.keys(at.context).map(key => above + key))
    up += '../'
  }
  addValueNames(scope.values, '.Values', known)
  return known
}

function loopNames(scope: Scope): string[] {
  const known: string[] = []
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer)
    known.push(...Object.keys(at.loop))
  return known
}

function addValueNames(values: JsonObject, prefix: string, known: string[]): void {
  for (const [key, value] of Object.entries(values)) {
    if (known.length >= maxNames) return
    const name = /^[\w-]+$/.test(key) ? `${prefix}.${key}` : `${prefix}.[${key}]`
    known.push(name)
    if (isJsonObject(value) && name.split('.').length <= maxDepth + 1)
      addValueNames(value, name, known)
  }
}
