import { Fault } from '../../../common/fault.ts'
import { kindOf } from '../../../common/json.ts'
import { jsonOf, textOf } from '../value.ts'
import type { PresentValue, TemplateValue } from '../value.ts'

/** A function of the template language. Arguments are in Helm's order: a piped value comes last. */
export type TemplateFunction =
  | {
      readonly acceptsMissing: false
      /** Fewest and most arguments. */
      readonly arity: readonly [number, number]
      readonly call: (args: readonly PresentValue[]) => TemplateValue
    }
  | {
      readonly acceptsMissing: true
      readonly arity: readonly [number, number]
      readonly call: (args: readonly TemplateValue[]) => TemplateValue
    }

/** A function whose arguments all have to be there. */
export function strict(
  arity: readonly [number, number],
  call: (args: readonly PresentValue[]) => TemplateValue
): TemplateFunction {
  return { acceptsMissing: false, arity, call }
}

/** A function that decides itself what a missing argument means. */
export function lenient(
  arity: readonly [number, number],
  call: (args: readonly TemplateValue[]) => TemplateValue
): TemplateFunction {
  return { acceptsMissing: true, arity, call }
}

/** The argument as text. @throws {Fault} `TEMPLATE_TYPE` for null, a list or an object */
export function textArgument(args: readonly PresentValue[], index: number): string {
  return textOf(args[index] ?? null)
}

/**
 * The argument as a whole number; a string of decimal digits counts.
 *
 * @throws {Fault} `TEMPLATE_TYPE`
 */
export function integerArgument(args: readonly PresentValue[], index: number): number {
  const value = jsonOf(args[index] ?? null)
  const number = typeof value === 'string' && /^[-+]?[0-9]+$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new Fault('TEMPLATE_TYPE', 'a whole number is needed', {
    found: typeof value === 'string' ? 'a string that is no whole number' : kindOf(value)
  })
}
