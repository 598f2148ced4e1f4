import { celError, celType, isCelError } from '@bufbuild/cel'
import type { CelInput, CelResult } from '@bufbuild/cel'
import { bound, Fault } from '../../common/fault.ts'
import { stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import type { Finding } from '../decision.ts'
import type { CelOptions } from '../policy/model-policy.ts'
import { compileExpression } from './expression.ts'
import type { Activation, Expression } from './expression.ts'
import { celValue } from './value.ts'

/** What expressions see of a review: the values of the top-level variables. */
export interface CelBindings {
  readonly object: JsonObject
  /** Null for CREATE. */
  readonly oldObject: JsonObject | null
  readonly request: JsonObject
  /** Null unless the attestation is verified. */
  readonly attestation: JsonObject | null
}

/** A compiled `cel` rule: reports each expression that is false, not a boolean, or fails, in order. */
export type CelProgram = (bindings: CelBindings) => readonly Finding[]

interface Validation {
  readonly text: string
  readonly expression: Expression
  readonly messageExpression: Expression | undefined
  readonly message: string | undefined
  readonly field: string | undefined
}

const maxTextCharacters = 300
const askFirst = { fix: 'check with has() that the field exists' }

/**
 * Compiles a `cel` rule.
 *
 * @throws {Fault} `CEL_INVALID` with the expression's path in the rule
 */
export function compileProgram({ variables = [], validations }: CelOptions): CelProgram {
  const names: string[] = []
  const compiled = variables.map(({ name, expression }, index) => {
    if (names.includes(name)) {
      throw new Fault('CEL_INVALID', `variables[${index}]: the variable ${name} is defined twice`)
    }
    const ready = compileAt(`variables[${index}].expression`, expression, names)
    names.push(name)
    return { name, expression: ready }
  })
  const ready = validations.map(({ expression, messageExpression, message, field }, index) => {
    const path = `validations[${index}]`
    return {
      text: expression,
      expression: compileAt(`${path}.expression`, expression, names),
      messageExpression:
        messageExpression === undefined
          ? undefined
          : compileAt(`${path}.messageExpression`, messageExpression, names),
      message,
      field
    }
  })
  return bindings => {
    const activation = activationOf(bindings, compiled)
    const field = stringMember(bindings.object, 'kind') ?? 'object'
    return ready.flatMap(validation => judge(validation, activation, field))
  }
}

function compileAt(path: string, text: string, names: readonly string[]): Expression {
  try {
    return compileExpression(text, names)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new Fault('CEL_INVALID', `${path}, ${error.message}`, error.details)
  }
}

/** Variables are evaluated on first use and once, as in ValidatingAdmissionPolicy. */
function activationOf(
  { object, oldObject, request, attestation }: CelBindings,
  variables: readonly { readonly name: string; readonly expression: Expression }[]
): Activation {
  // Without a prototype: the library looks up names without checking that they are own members.
  const activation = Object.assign(Object.create(null) as Activation, {
    object: celValue(object),
    oldObject: celValue(oldObject),
    request: celValue(request),
    attestation: celValue(attestation, 'metrics')
  })
  for (const { name, expression } of variables) {
    let result: CelResult | undefined
    Object.defineProperty(activation, `variables.${name}`, {
      get: () => (result ??= inVariable(name, expression(activation)) as CelResult & CelInput)
    })
  }
  return activation
}

function inVariable(name: string, result: CelResult): CelResult {
  return isCelError(result) ? celError(`variables.${name}: ${result.message}`) : result
}

function judge(validation: Validation, activation: Activation, kind: string): readonly Finding[] {
  const field = validation.field ?? kind
  const result = validation.expression(activation)
  if (result === true) return []
  const text = shorten(validation.text)
  if (isCelError(result)) {
    const problem = `the expression fails: ${shorten(result.message)}`
    const isMissing = result.message.includes('field not found')
    return [{ field, problem, found: text, ...(isMissing ? askFirst : {}) }]
  }
  if (result !== false) {
    const problem = `the expression returns ${celType(result).name}, not true or false`
    return [{ field, problem, found: text }]
  }
  const message = messageOf(validation, activation)
  return [{ field, problem: message ?? `the expression is false: ${text}` }]
}

/** As in ValidatingAdmissionPolicy, a messageExpression that does not return one line of text is ignored. */
function messageOf(
  { messageExpression, message }: Validation,
  activation: Activation
): string | undefined {
  const said = messageExpression?.(activation)
  if (typeof said !== 'string' || said.trim() === '' || said.includes('\n')) return message
  return bound(said, maxTextCharacters)
}

function shorten(text: string): string {
  return bound(text.replace(/\s+/g, ' ').trim(), maxTextCharacters)
}
