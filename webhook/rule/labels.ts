import type { Finding } from '../decision.ts'
import { labelsOf } from '../policy/label-selector.ts'
import type { LabelsOptions } from '../policy/model-policy.ts'
import type { RuleInput } from './context.ts'

/** Rule `labels`: the object has the labels that are asked for, on its own metadata. */
export function judgeLabels(
  { required }: LabelsOptions,
  { subject }: RuleInput
): readonly Finding[] {
  const labels = labelsOf(subject.object)
  return required.flatMap(({ key, values }): readonly Finding[] => {
    const found = labels.get(key)
    const field = `metadata.labels[${key}]`
    const allowed = values === undefined ? 'any value but an empty one' : values.join(', ')
    if (found === undefined || found === '') {
      const problem = `the label ${key} is missing`
      return [{ field, problem, allowed, fix: `set the label ${key}` }]
    }
    if (values === undefined || values.includes(found)) return []
    const problem = `the label ${key} has a value that is not allowed`
    return [{ field, problem, found, allowed, fix: `set the label ${key} to an allowed value` }]
  })
}
