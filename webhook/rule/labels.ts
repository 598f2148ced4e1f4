import { isJsonObject, propertyName, stringMember } from '../../common/json.ts'
import type { Finding } from '../decision.ts'
import type { LabelsOptions } from '../policy/model-policy.ts'
import type { RuleInput } from './context.ts'

/** Compiles rule `labels`: the object's own metadata has the required labels. */
export function compileLabels(options: LabelsOptions): (input: RuleInput) => readonly Finding[] {
  const required = options.required.map(label => ({ ...label, key: propertyName(label.key) }))
  return ({ subject }) => {
    const { metadata } = subject.object
    const labels = isJsonObject(metadata) ? metadata.labels : undefined
    const findings: Finding[] = []
    for (const label of required) {
      const found = stringMember(labels, label.key) ?? ''
      const isMet = found !== '' && label.values?.includes(found) !== false
      if (!isMet) findings.push(labelFinding(label, found))
    }
    return findings
  }
}

function labelFinding({ key, values }: LabelsOptions['required'][number], found: string): Finding {
  const field = `metadata.labels[${key}]`
  const allowed = values === undefined ? 'any non-empty value' : values.join(', ')
  if (found === '') {
    const problem = `the label ${key} is missing`
    return { field, problem, allowed, fix: `set the label ${key}` }
  }
  const problem = `the label ${key} has a value that is not allowed`
  return { field, problem, found, allowed, fix: `set the label ${key} to an allowed value` }
}
