import { isJsonObject, kindOf, member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { namesObjective } from '../settings/metric-keys.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import type { ManifestFinding } from './finding.ts'
import { typeFinding } from './hook-address.ts'
import type { HookAddress } from './hook-address.ts'
import { readSettings, settingsFindings } from './settings-findings.ts'

/** Finds what Flagger's definition refuses in any webhook: its name and its address are required. */
export function definitionFindings(webhook: JsonObject, field: string): readonly ManifestFinding[] {
  const missing = ['name', 'url'].filter(key => (stringMember(webhook, key) ?? '') === '')
  return [
    ...missing.map(key => ({
      field: `${field}.${key}`,
      problem: `the webhook has no ${key}, which Flagger's definition requires`,
      fix: key === 'name' ? 'add a name, such as judge' : 'add the address'
    })),
    ...metadataFindings(webhook, field)
  ]
}

function metadataFindings(webhook: JsonObject, field: string): readonly ManifestFinding[] {
  const metadata = member(webhook, 'metadata')
  if (metadata === undefined || metadata === null) return []
  if (!isJsonObject(metadata)) {
    return [
      {
        field: `${field}.metadata`,
        problem: 'the metadata is no object',
        found: kindOf(metadata),
        allowed: 'keys with strings'
      }
    ]
  }
  return Object.entries(metadata).flatMap(([key, value]) =>
    typeof value === 'string'
      ? []
      : [
          {
            field: `${field}.metadata[${key}]`,
            problem: "Flagger's definition takes only strings",
            found: kindOf(value),
            fix: 'write it in quotes'
          }
        ]
  )
}

/** Finds what the analysis would refuse, or answer as something else, in a webhook that calls it. */
export function callFindings(
  webhook: JsonObject,
  address: HookAddress,
  field: string,
  ofMetrics: ObjectiveSettings
): readonly ManifestFinding[] {
  const settings = readSettings(member(webhook, 'metadata'))
  if (address.kind === 'foreign') {
    return namesObjective(settings.keys()) ? [elsewhere(field)] : []
  }
  const own = new Map([...settings].filter(([key]) => key !== 'type'))
  const findings = settingsFindings(own, keyField(field), ofMetrics)
  if (address.kind === 'wrong') return [address.finding, ...findings]
  const mismatch = typeFinding(webhook, address.type, field)
  return mismatch === undefined ? findings : [mismatch, ...findings]
}

const keyField = (field: string) => (key: string) =>
  key === '' ? `${field}.metadata` : `${field}.metadata[${key}]`

function elsewhere(field: string): ManifestFinding {
  return {
    field: `${field}.url`,
    problem: 'the metadata names objectives, and the address is none of the analysis',
    allowed: 'an address that ends with /webhook/TYPE',
    isOnlyWarning: true
  }
}
