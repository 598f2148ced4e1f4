import { propertyName } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { memoize } from '../../common/memoize.ts'
import type { Finding } from '../decision.ts'
import type { ResourcesOptions } from '../policy/model-policy.ts'
import { containersOf } from './containers.ts'
import type { Container, ResourcePart } from './container.ts'
import type { RuleInput } from './context.ts'
import { addUnsearched } from './unsearched.ts'

/** Compiles rule `resources`: every container has the required requests and limits. */
export function compileResources(
  options: ResourcesOptions
): (input: RuleInput) => readonly Finding[] {
  const asked = {
    requests: options.requests.map(propertyName),
    limits: options.limits.map(propertyName)
  }
  return ({ subject }) => {
    const findings: Finding[] = []
    for (const container of containersOf(subject)) {
      for (const part of parts) {
        for (const name of asked[part]) {
          if (!container.given(part, name).some(isQuantity)) {
            findings.push(missing(container, part, name))
          }
        }
      }
    }
    const { opaque = [] } = subject.workload ?? {}
    const unread = opaque.filter(({ kind }) => kind === 'malformed')
    addUnsearched(findings, unread, 'a container')
    return findings
  }
}

const parts = ['requests', 'limits'] as const

function missing(container: Container, part: ResourcePart, name: string): Finding {
  const field = container.field(part, name)
  const isUsual = field.endsWith(`.${part}.${name}`)
  return {
    field,
    problem: `the container has no ${name} in its ${part}`,
    allowed: 'a quantity above 0',
    fix: isUsual ? `set ${part}.${name}` : `set ${field.slice(field.lastIndexOf('.') + 1)}`
  }
}

/** True for a quantity above zero (syntax of apimachinery's resource.Quantity). */
function isQuantity(value: JsonValue | undefined): boolean {
  if (typeof value === 'string') return isQuantityText(value)
  return (typeof value === 'number' || typeof value === 'bigint') && isQuantityText(String(value))
}

const quantity =
  /^\+?(?=[\d.]*[1-9])(?:\d+(?:\.\d*)?|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/

/** Memoized, because a cluster has few different quantities. */
const isQuantityText = memoize(text => quantity.test(text), {
  maxTexts: 1_000,
  maxCharacters: 32
})
