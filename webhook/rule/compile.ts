import { Fault } from '../../common/fault.ts'
import type { Finding } from '../decision.ts'
import type { ModelPolicy, Rule } from '../policy/model-policy.ts'
import { judgeArtifacts } from './artifacts.ts'
import { judgeBiasAudit } from './bias-audit.ts'
import type { RuleInput } from './context.ts'
import { judgeImages } from './images.ts'
import { judgeLabels } from './labels.ts'
import { judgeProvenance } from './provenance.ts'
import { judgeResources } from './resources.ts'
import { compileSchema } from './schema.ts'

/** A rule ready to judge. */
export interface CompiledRule {
  readonly name: string
  readonly judge: (input: RuleInput) => readonly Finding[]
}

/**
 * Compiles a policy's rules once, so that an admission pays for none of it.
 *
 * @throws {Fault} `POLICY_INVALID` for a schema that cannot be used
 */
export function compileRules(policy: ModelPolicy, where: string): readonly CompiledRule[] {
  return policy.rules.map(({ name, rule }) => {
    try {
      return { name, judge: compileRule(rule) }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      throw new Fault('POLICY_INVALID', `rule ${name}: ${error.message}`, { where })
    }
  })
}

function compileRule(rule: Rule): CompiledRule['judge'] {
  switch (rule.type) {
    case 'biasAudit':
      return input => judgeBiasAudit(rule.options, input)
    case 'provenance':
      return input => judgeProvenance(rule.options, input)
    case 'images':
      return input => judgeImages(rule.options, input)
    case 'artifacts':
      return input => judgeArtifacts(rule.options, input)
    case 'resources':
      return input => judgeResources(rule.options, input)
    case 'labels':
      return input => judgeLabels(rule.options, input)
    case 'schema':
      return compileSchema(rule.options)
  }
}
