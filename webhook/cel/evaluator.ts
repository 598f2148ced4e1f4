import type { Finding } from '../decision.ts'
import type { CelOptions } from '../policy/model-policy.ts'
import type { CelBindings } from './program.ts'

/** What evaluating one rule came to. */
export type CelAnswer =
  | { readonly kind: 'judged'; readonly findings: readonly Finding[] }
  /** It has no answer, so nothing is known to hold. */
  | { readonly kind: 'failed'; readonly reason: string }

/** Outcomes by rule; a rule without one was not evaluated. */
export type CelAnswers = ReadonlyMap<CelOptions, CelAnswer>

/** Evaluates rules `cel` where they can be stopped. */
export interface CelEvaluator {
  /**
   * One outcome for each rule, in their order, whatever an expression does.
   *
   * @param timeLeftMs for all of it, waiting included; undefined for no hurry
   * @throws {Fault} `CEL_BUSY` where no evaluator became free in time: nothing was judged
   */
  evaluate(
    rules: readonly CelOptions[],
    bindings: CelBindings,
    timeLeftMs?: number
  ): Promise<readonly CelAnswer[]>
}
