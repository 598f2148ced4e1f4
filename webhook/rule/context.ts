import type { CelAnswers } from '../cel/evaluator.ts'
import type { FoundOwner } from '../owner/find-owner.ts'
import type { Operator } from '../owner/operator.ts'
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
  /** For a Pod that a controller of Kubernetes made, its nearest attested owner. */
  readonly owner?: OwnerOfPod
}

/** What was found about the owner of a Pod, and which images operators add to what they make. */
export interface OwnerOfPod {
  readonly found: FoundOwner
  readonly adds: Operator['adds']
}
