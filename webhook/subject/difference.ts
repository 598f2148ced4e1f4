import { bound } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, stringifyJson, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { Difference } from '../../evidence/binding/compare.ts'
import {
  containerAt,
  fieldOf,
  memberName,
  pathOf,
  renderedPathOf
} from '../../evidence/binding/place.ts'
import type { Place } from '../../evidence/binding/place.ts'
import { writePointer } from '../../evidence/binding/pointer.ts'
import type { Finding } from '../decision.ts'
import { fixByRender } from './attestation-fix.ts'

/** Says where an object is not the rendered one: the field, its container, and both values if they can be shown. */
export function describeDifference({ kind, place }: Difference): Finding {
  const pointer = writePointer(renderedPathOf(place))
  const [found, allowed] = [shown(place.found, place), shown(place.rendered, place)]
  return {
    field: fieldOf(pathOf(place)),
    problem: `${nounOf(place)} ${problems[kind]}`,
    ...(found === undefined ? {} : { found }),
    ...(allowed === undefined ? {} : { allowed }),
    fix: `${fixByRender}, or let the policy allow the change: allowChanges: ["${pointer}"]`
  }
}

const problems: Readonly<Record<Difference['kind'], string>> = {
  changed: 'is not as it was rendered',
  missing: 'was rendered and is missing',
  added: 'was not rendered',
  reordered: 'is not in the order in which it was rendered'
}

/** The singular of lists whose items have names. */
const nouns: ReadonlyMap<string, string> = new Map([
  ['containers', 'container'],
  ['initContainers', 'init container'],
  ['ephemeralContainers', 'ephemeral container'],
  ['sidecars', 'sidecar'],
  ['steps', 'step'],
  ['env', 'environment variable'],
  ['volumes', 'volume'],
  ['volumeMounts', 'volume mount']
])

/** `container train`, `environment variable SEED of container train`, `this field of container train`. */
function nounOf(place: Place): string {
  const item = itemAt(place)
  const container = containerAt(place)
  if (item !== undefined && item.list !== 'env' && item.list !== 'volumeMounts') return item.noun
  const noun = item?.noun ?? 'this field'
  return container === undefined ? noun : `${noun} of container ${quoted(container)}`
}

/** The named thing that a place is, or, for the value of a variable, that it belongs to. */
function itemAt(place: Place): { readonly list: string; readonly noun: string } | undefined {
  const list = memberName(place)
  const noun = nouns.get(list)
  if (typeof place.key === 'number' && noun !== undefined) {
    return { list, noun: `${noun}${nameOf(place.found ?? place.rendered)}` }
  }
  return isInVariable(place) && place.parent !== undefined ? itemAt(place.parent) : undefined
}

function nameOf(item: JsonValue | undefined): string {
  const name = stringMember(item, 'name') ?? stringMember(item, 'mountPath')
  return name === undefined ? '' : ` ${quoted(name)}`
}

function quoted(name: string): string {
  return bound(name, 80)
}

function isInVariable({ parent }: Place): boolean {
  return parent !== undefined && memberName(parent) === 'env'
}

/** Lists and maps of variables, whose values can be secrets. */
const variables: ReadonlySet<string> = new Set([
  'env',
  'envVars',
  'environment',
  'sparkConf',
  'hadoopConf'
])

const secret = /password|token|credential|apikey/i

/** Scalars and lists of them. Nothing else is short, and it could hold a variable. */
function shown(value: JsonValue | undefined, place: Place): string | undefined {
  if (value === undefined || value === null || isJsonObject(value)) return undefined
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) {
    if (variables.has(String(at.key))) return undefined
  }
  if (isJsonArray(value) && value.some(item => typeof item === 'object')) return undefined
  if (typeof value === 'string' && secret.test(String(place.key))) return undefined
  const text = typeof value === 'string' ? value : stringifyJson(value)
  return bound(text, maxShownCharacters)
}

const maxShownCharacters = 200
