import type { Finding } from '../decision.ts'
import type { CelOptions } from '../policy/model-policy.ts'
import type { CelBindings } from './program.ts'

/** The result of evaluating one `cel` rule. */
export type CelAnswer =
  | { readonly kind: 'judged'; readonly findings: readonly Finding[] }
  /** The rule was not evaluated, so nothing is known to hold. */
  | { readonly kind: 'failed'; readonly reason: string }

/** Answers by rule; a rule without an answer was not evaluated. */
export type CelAnswers = ReadonlyMap<CelOptions, CelAnswer>

/** Evaluates `cel` rules so that they can be stopped. */
export interface CelEvaluator {
  /**
   * Returns one answer for each rule, in their order, whatever an expression does.
   *
   * @param timeLeftMs for everything, waiting included; undefined for no deadline
   * @throws {Fault} `CEL_BUSY` when no evaluator became free in time: nothing was judged
   */
  evaluate(
    rules: readonly CelOptions[],
    bindings: CelBindings,
    timeLeftMs?: number
  ): Promise<readonly CelAnswer[]>
}
