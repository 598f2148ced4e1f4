import { Fault } from '../../../common/fault.ts'
import { kindOf } from '../../../common/json.ts'
import { jsonOf, textOf } from '../value.ts'
import type { PresentValue, TemplateValue } from '../value.ts'

/** A template function. Arguments are in Helm's order: a piped value is the last one. */
export type TemplateFunction =
  | {
      readonly acceptsMissing: false
      /** The smallest and largest number of arguments. */
      readonly arity: readonly [number, number]
      readonly call: (args: readonly PresentValue[]) => TemplateValue
    }
  | {
      readonly acceptsMissing: true
      readonly arity: readonly [number, number]
      readonly call: (args: readonly TemplateValue[]) => TemplateValue
    }

/** A function for which a missing argument is a fault. */
export function strict(
  arity: readonly [number, number],
  call: (args: readonly PresentValue[]) => TemplateValue
): TemplateFunction {
  return { acceptsMissing: false, arity, call }
}

/** A function that accepts missing arguments. */
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
 * The argument as an integer; a string of decimal digits is accepted.
 *
 * @throws {Fault} `TEMPLATE_TYPE`
 */
export function integerArgument(args: readonly PresentValue[], index: number): number {
  const value = jsonOf(args[index] ?? null)
  const number = typeof value === 'string' && /^[-+]?[0-9]+$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new Fault('TEMPLATE_TYPE', 'an integer is expected', {
    found: typeof value === 'string' ? 'a non-integer string' : kindOf(value)
  })
}
