import type { OperatorCase } from './case.ts'
import { servingCases } from './serving-cases.ts'
import { trainingCases } from './training-cases.ts'

/** Every component has one. */
export const operatorCases: readonly OperatorCase[] = [...trainingCases, ...servingCases]
