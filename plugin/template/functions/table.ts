import { logicFunctions } from './logic.ts'
import type { TemplateFunction } from './signature.ts'
import { textFunctions } from './text.ts'
import { yamlFunctions } from './yaml.ts'

export type { TemplateFunction } from './signature.ts'

/** All template functions by name. */
export const templateFunctions: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries({ ...textFunctions, ...logicFunctions, ...yamlFunctions })
)
