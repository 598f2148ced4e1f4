import type { CelAnswers } from '../cel/evaluator.ts'
import type { Attestation } from '../subject/attestation.ts'
import type { Subject } from '../subject/subject.ts'

/** What a rule judges by. */
export interface RuleInput {
  readonly subject: Subject
  readonly attestation: Attestation
  /** Admission's clock: a render knows none. */
  readonly now: Date
  /** Of rules `cel`, which were evaluated before. */
  readonly celAnswers: CelAnswers
}
