import { celError, parse, plan } from '@bufbuild/cel'
import type { CelInput, CelResult } from '@bufbuild/cel'
import { bound, Fault } from '../../common/fault.ts'
import { environment } from './environment.ts'
import { checkSyntaxTree } from './syntax-tree.ts'

/** The variables that an expression sees; those of the rule are named `variables.<name>`. */
export type Activation = Record<string, CelInput>

/** A compiled expression. Errors during evaluation are results, never thrown. */
export type Expression = (activation: Activation) => CelResult

const noOptionals =
  'optionals (.?, [?, orValue) are not supported: use has(), as in has(object.a) ? object.a : 0'

/**
 * Compiles an expression.
 *
 * @param variables names that it can use as `variables.<name>`
 * @throws {Fault} `CEL_INVALID` with line, column and reason
 */
export function compileExpression(text: string, variables: readonly string[]): Expression {
  const tree = parseTree(text)
  const problem = checkSyntaxTree(tree.expr, variables)
  if (problem !== undefined) {
    const offset = tree.sourceInfo?.positions[problem.id.toString()] ?? 0
    throw invalid(text, offset, problem.reason)
  }
  const planned = plan(environment, tree)
  return activation => {
    try {
      return planned(activation)
    } catch (error) {
      return celError(error)
    }
  }
}

function parseTree(text: string): ReturnType<typeof parse> {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof RangeError) throw invalid(text, 0, 'the expression nests too deep')
    const { message, location } = error as Error & {
      readonly location?: { readonly start: { readonly offset: number } }
    }
    const reason = message.replace(/^[^ ]*:\d+:\d+: /, '')
    throw invalid(text, location?.start.offset ?? 0, reason)
  }
}

function invalid(text: string, offset: number, reason: string): Fault {
  const before = text.slice(0, offset).split('\n')
  const where = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
  const isOptional =
    /^.?\?(?! )/.test(text.slice(offset)) || /\b(?:orValue|optional)\b/.test(reason)
  return new Fault(
    'CEL_INVALID',
    `${where}: ${bound(reason, 200)}`,
    isOptional ? { remedy: noOptionals } : {}
  )
}
