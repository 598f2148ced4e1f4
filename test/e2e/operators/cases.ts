import { at, setOf } from './case.ts'
import type { Made, OperatorCase } from './case.ts'
import { computeCases } from './compute-cases.ts'
import { servingCases } from './serving-cases.ts'
import { trainingCases } from './training-cases.ts'

/** Every component has one. */
export const operatorCases: readonly OperatorCase[] = [
  ...trainingCases,
  ...computeCases,
  ...servingCases
]

/** A signed object whose Pod Kubernetes itself makes. */
export const stateful: Made = {
  type: 'apps/v1 StatefulSet',
  name: 'stateful',
  spec: { ...setOf(at('stateful')), replicas: 1 }
}
