import { Fault } from '../../common/fault.ts'
import { compileProgram } from '../cel/program.ts'
import type { Finding } from '../decision.ts'
import type { CelOptions, MatchConstraints, ModelPolicy, Rule } from '../policy/model-policy.ts'
import { looksAt } from '../unchanged/looks-at.ts'
import type { LooksAt } from '../unchanged/looks.ts'
import { judgeArtifacts } from './artifacts.ts'
import { judgeBiasAudit } from './bias-audit.ts'
import { judgeCel } from './cel.ts'
import type { RuleInput } from './context.ts'
import { compileImages } from './images.ts'
import { compileLabels } from './labels.ts'
import { compileProvenance } from './provenance.ts'
import { compileResources } from './resources.ts'
import { compileSchema } from './schema.ts'
import { unjudgedFinding } from './unjudged.ts'

/** A compiled rule. */
export interface CompiledRule {
  readonly name: string
  readonly judge: (input: RuleInput) => readonly Finding[]
  readonly type: Rule['type']
  /** What must have changed for an update to be judged again. */
  readonly looksAt: LooksAt
  /** True if it also judges Pods that a controller of Kubernetes makes, by their owner. */
  readonly judgesPods?: true
  /** The rule to evaluate before `judge` is called; undefined unless it is a `cel` rule. */
  readonly cel?: CelOptions
}

/**
 * Compiles a policy's rules once, not at each admission.
 *
 * @throws {Fault} `POLICY_INVALID` for an invalid schema or expression
 */
export function compileRules(policy: ModelPolicy, where: string): readonly CompiledRule[] {
  return policy.rules.map(({ name, rule }) => {
    try {
      const judge = withUnjudged(rule.type, policy.match, compileRule(rule))
      const compiled = { name, type: rule.type, judge, looksAt: looksAt(rule) }
      if (rule.type === 'cel') return { ...compiled, cel: rule.options }
      const isOfPods = rule.type === 'provenance' && rule.options.pods === 'owner'
      return isOfPods ? { ...compiled, judgesPods: true } : compiled
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      throw new Fault('POLICY_INVALID', `rule ${name}: ${error.message}`, {
        ...error.details,
        where
      })
    }
  })
}

function withUnjudged(
  type: Rule['type'],
  match: MatchConstraints,
  judge: CompiledRule['judge']
): CompiledRule['judge'] {
  if (match.kinds === undefined) return judge
  return input => {
    const unjudged = unjudgedFinding(type, match, input)
    return unjudged === undefined ? judge(input) : [...judge(input), unjudged]
  }
}

function compileRule(rule: Rule): CompiledRule['judge'] {
  switch (rule.type) {
    case 'biasAudit':
      return input => judgeBiasAudit(rule.options, input)
    case 'provenance':
      return compileProvenance(rule.options)
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
      // Compiled here only to refuse an invalid rule; the evaluator process compiles it again.
      compileProgram(rule.options)
      return input => judgeCel(rule.options, input)
  }
}
