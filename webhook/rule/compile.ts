import { Fault } from '../../common/fault.ts'
import { compileProgram } from '../cel/program.ts'
import type { Finding } from '../decision.ts'
import type { CelOptions, ModelPolicy, Rule } from '../policy/model-policy.ts'
import { judgeArtifacts } from './artifacts.ts'
import { judgeBiasAudit } from './bias-audit.ts'
import { judgeCel } from './cel.ts'
import type { RuleInput } from './context.ts'
import { compileImages } from './images.ts'
import { compileLabels } from './labels.ts'
import { judgeProvenance } from './provenance.ts'
import { compileResources } from './resources.ts'
import { compileSchema } from './schema.ts'

/** A rule ready to judge. */
export interface CompiledRule {
  readonly name: string
  readonly judge: (input: RuleInput) => readonly Finding[]
  /** What has to be evaluated before `judge` is called; undefined for a rule that is not `cel`. */
  readonly cel?: CelOptions
}

/**
 * Compiles a policy's rules once, so that an admission pays for none of it.
 *
 * @throws {Fault} `POLICY_INVALID` for a schema or an expression that cannot be used
 */
export function compileRules(policy: ModelPolicy, where: string): readonly CompiledRule[] {
  return policy.rules.map(({ name, rule }) => {
    try {
      const judge = compileRule(rule)
      return rule.type === 'cel' ? { name, judge, cel: rule.options } : { name, judge }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      throw new Fault('POLICY_INVALID', `rule ${name}: ${error.message}`, {
        ...error.details,
        where
      })
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
      return compileImages(rule.options)
    case 'artifacts':
      return input => judgeArtifacts(rule.options, input)
    case 'resources':
      return compileResources(rule.options)
    case 'labels':
      return compileLabels(rule.options)
    case 'schema':
      return compileSchema(rule.options)
    case 'cel':
      // An evaluator compiles it again where it runs; here only to refuse what cannot be used.
      compileProgram(rule.options)
      return input => judgeCel(rule.options, input)
  }
}
