import type { JsonObject } from '../../common/json.ts'
import { listOfCanary, readCanaryWords } from '../canary/canary-words.ts'
import type { CanaryWords } from '../canary/canary-words.ts'
import type { ManifestFinding } from './finding.ts'
import { hookAddress } from './hook-address.ts'
import { metricFindings } from './metric-findings.ts'
import { callFindings, definitionFindings } from './webhook-findings.ts'

/** The hooks by whose answer Flagger stops or promotes a canary that gets traffic. */
const judging = new Set<string>(['rollout', 'confirm-promotion', 'rollback'])

/** Finds what Flagger or the analysis would refuse or ignore in a Canary. */
export function canaryFindings(canary: JsonObject): readonly ManifestFinding[] {
  const words = readCanaryWords(canary)
  const webhooks = listOfCanary(canary, 'webhooks').map(({ item, field }) => ({
    item,
    field,
    address: hookAddress(item, field)
  }))
  const isOurs = webhooks.some(({ address }) => address.kind !== 'foreign')
  return [
    ...webhooks.flatMap(({ item, field, address }) => [
      ...definitionFindings(item, field),
      ...callFindings(item, address, field, words.settings)
    ]),
    ...listOfCanary(canary, 'metrics').flatMap(({ item, field }) => metricFindings(item, field)),
    ...(isOurs ? wordFindings(words) : []),
    ...unjudged(webhooks.map(({ address }) => address))
  ]
}

/** What the analysis cannot judge. A bound that is no number is found by Flagger's definition. */
function wordFindings({ problems }: CanaryWords): readonly ManifestFinding[] {
  return problems
    .filter(({ problem }) => !problem.endsWith('must be a number'))
    .map(({ field, name, problem }) => ({
      field,
      problem: `the analysis cannot judge the metric: ${problem}`,
      found: JSON.stringify(name)
    }))
}

/** Flagger calls pre-rollout before the canary gets traffic, and a step does not promote. */
function unjudged(
  addresses: readonly ReturnType<typeof hookAddress>[]
): readonly ManifestFinding[] {
  const types = addresses.flatMap(address => (address.kind === 'ours' ? [address.type] : []))
  if (types.length === 0 || types.some(type => judging.has(type))) return []
  return [
    {
      field: 'spec.analysis.webhooks',
      problem:
        'no webhook of type rollout, confirm-promotion or rollback calls the analysis: it does not judge the traffic of the canary',
      fix: 'add a webhook of type rollout with an address that ends with /webhook/rollout',
      isOnlyWarning: true
    }
  ]
}
