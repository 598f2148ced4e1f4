import type { CelAnswers } from '../cel/evaluator.ts'
import type { Attestation } from '../subject/attestation.ts'
import type { Subject } from '../subject/subject.ts'

/** The input of a rule. */
export interface RuleInput {
  readonly subject: Subject
  readonly attestation: Attestation
  /** The time of the admission. A render has no clock. */
  readonly now: Date
  /** Answers of `cel` rules, which were evaluated before. */
  readonly celAnswers: CelAnswers
}
