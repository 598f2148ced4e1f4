import { editDistance } from '../../common/edit-distance.ts'
import type { JsonObject } from '../../common/json.ts'
import { member, stringMember } from '../../common/json.ts'
import { hookTypes } from '../hook/hook.ts'
import type { HookType } from '../hook/hook.ts'
import type { ManifestFinding } from './finding.ts'

/** Where a webhook of a Canary goes. */
export type HookAddress =
  /** To another service. */
  | { readonly kind: 'foreign' }
  /** Here, and answered as this type. */
  | { readonly kind: 'ours'; readonly type: HookType }
  | { readonly kind: 'wrong'; readonly finding: ManifestFinding }

const nearEnough = 3

/** Reads the address of a webhook: `/webhook/TYPE`, or `/webhook/canary` with the type in its metadata. */
export function hookAddress(webhook: JsonObject, field: string): HookAddress {
  const url = stringMember(webhook, 'url') ?? ''
  const [, last = ''] = /^[a-z]+:\/\/[^?#]*\/webhook\/([^/?#]+)(?:[?#].*)?$/i.exec(url) ?? []
  if (last === 'canary') return ofMetadata(webhook, field)
  const type = hookTypes.find(known => known === last)
  if (type !== undefined) return { kind: 'ours', type }
  const near = nearestType(last)
  if (near === undefined) return { kind: 'foreign' }
  return {
    kind: 'wrong',
    finding: {
      field: `${field}.url`,
      problem: 'the analysis answers no hook of this type',
      found: JSON.stringify(last),
      allowed: [...hookTypes, 'canary'].join(', '),
      fix: `did you mean ${near}?`
    }
  }
}

function ofMetadata(webhook: JsonObject, field: string): HookAddress {
  const given = stringMember(member(webhook, 'metadata'), 'type') ?? 'pre-rollout'
  const type = hookTypes.find(known => known === given)
  if (type !== undefined) return { kind: 'ours', type }
  const near = nearestType(given)
  return {
    kind: 'wrong',
    finding: {
      field: `${field}.metadata[type]`,
      problem: 'the hook type is unknown',
      found: JSON.stringify(given),
      allowed: hookTypes.join(', '),
      ...(near === undefined ? {} : { fix: `did you mean ${near}?` })
    }
  }
}

function nearestType(text: string): HookType | undefined {
  return hookTypes
    .map(type => ({ type, distance: editDistance(text.slice(0, 40).toLowerCase(), type) }))
    .filter(({ distance }) => distance <= nearEnough)
    .sort((a, b) => a.distance - b.distance)[0]?.type
}

/** Flagger's type of a webhook. Without one it is `rollout`. */
export function flaggerType(webhook: JsonObject): string {
  const type = stringMember(webhook, 'type') ?? ''
  return type === '' ? 'rollout' : type
}

/** Types that are answered alike. */
const alike = new Set<string>(['rollout', 'pre-rollout'])

/** Finds a webhook that Flagger calls at one point and the analysis answers as another. */
export function typeFinding(
  webhook: JsonObject,
  answered: HookType,
  field: string
): ManifestFinding | undefined {
  const called = flaggerType(webhook)
  if (called === answered || (alike.has(called) && alike.has(answered))) return undefined
  const isCanary = (stringMember(webhook, 'url') ?? '').includes('/webhook/canary')
  return {
    field: isCanary ? `${field}.metadata` : `${field}.url`,
    problem: `Flagger calls the webhook as ${called}, and the analysis answers it as ${answered}${consequence(called, answered)}`,
    fix: isCanary ? `add type: ${called}` : `end the address with /webhook/${called}`
  }
}

function consequence(called: string, answered: HookType): string {
  if (called === 'rollback') return ': its 200 rolls back'
  if (answered === 'rollback') return ': its 404 is a failed check'
  return called === 'confirm-promotion' ? ': it promotes without a proof' : ''
}
