import { Fault } from '../../common/fault.ts'
import type { CallExpression, Expression } from './expression.ts'
import { testingFunctions, warnOfWord } from './false-word.ts'
import { templateFunctions } from './functions/table.ts'
import type { TemplateFunction } from './functions/table.ts'
import { missingFault } from './missing-fault.ts'
import { nearestName } from './nearest-name.ts'
import { lookUp } from './scope.ts'
import type { Scope } from './scope.ts'
import { otherTool, syntaxFault } from './source.ts'
import type { TemplateSource } from './source.ts'
import { refuseLonger } from './text-bound.ts'
import { isEmpty, Missing, QuotedText, YamlText } from './value.ts'
import type { PresentValue, TemplateValue } from './value.ts'

/**
 * The value of an expression; {@link Missing} for a path without a value and without a default.
 *
 * @param isUsed whether the value can have an effect: reads of others are not reported
 * @throws {Fault} `TEMPLATE_VALUE_MISSING` for a name that cannot have a value, `TEMPLATE_TYPE`, `TEMPLATE_SYNTAX`
 */
export function evaluate(
  expression: Expression,
  scope: Scope,
  source: TemplateSource,
  isUsed = true
): TemplateValue {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'path': {
      if (isUsed && expression.base.kind === 'values')
        source.reportRead(expression.segments, expression.offset)
      const value = lookUp(expression, scope)
      if (!(value instanceof Missing) || value.impossible === undefined) return value
      const nearest = value.impossible === 'name' ? nearestName(expression.text, scope) : undefined
      throw missingFault(value, expression, source, nearest)
    }
    case 'call':
      return call(expression, scope, source, isUsed)
  }
}

/** As {@link evaluate}, but a missing value is a fault. */
export function evaluatePresent(
  expression: Expression,
  scope: Scope,
  source: TemplateSource
): PresentValue {
  const value = evaluate(expression, scope, source)
  if (value instanceof Missing) throw missingFault(value, expression, source)
  return value
}

function call(
  expression: CallExpression,
  scope: Scope,
  source: TemplateSource,
  isUsed: boolean
): TemplateValue {
  const { name, offset } = expression
  const known = templateFunctions.get(name)
  if (known === undefined) {
    throw syntaxFault(
      source,
      offset,
      `unknown function "${name}"`,
      `Functions: ${[...templateFunctions.keys()].sort().join(', ')}. ${otherTool}`
    )
  }
  checkCount(known, expression, source)
  const args = argumentsOf(expression, scope, source, isUsed)
  if (testingFunctions.has(name)) {
    for (const [index, arg] of args.entries())
      warnOfWord(arg, expression.args[index] ?? expression, source)
  }
  if (known.acceptsMissing) return source.at(offset, () => bounded(known.call(args)))
  const present = args.map((arg, index) => {
    if (!(arg instanceof Missing)) return arg
    throw missingFault(arg, expression.args[index] ?? expression, source)
  })
  return source.at(offset, () => bounded(known.call(present)))
}

/** The fallback of `default` has no effect if there is a value. */
function argumentsOf(
  { name, args }: CallExpression,
  scope: Scope,
  source: TemplateSource,
  isUsed: boolean
): readonly TemplateValue[] {
  const [fallback, given] = args
  if (name !== 'default' || fallback === undefined || given === undefined) {
    return args.map(arg => evaluate(arg, scope, source, isUsed))
  }
  const value = evaluate(given, scope, source, isUsed)
  return [evaluate(fallback, scope, source, isUsed && isEmpty(value)), value]
}

function bounded(value: TemplateValue): TemplateValue {
  if (typeof value === 'string') refuseLonger(value.length)
  else if (value instanceof YamlText || value instanceof QuotedText) refuseLonger(value.text.length)
  return value
}

function checkCount(
  known: TemplateFunction,
  { name, args, offset }: CallExpression,
  source: TemplateSource
): void {
  const [least, most] = known.arity
  if (args.length >= least && args.length <= most) return
  const expected =
    least === most ? String(least) : most === Infinity ? `${least} or more` : `${least} to ${most}`
  throw new Fault('TEMPLATE_SYNTAX', `wrong number of arguments for ${name}`, {
    where: source.locate(offset),
    found: String(args.length),
    expected: `${expected}, including the piped value`
  })
}
