import type { parse } from '@bufbuild/cel'
import { compilePattern, environment, refusedFunctions } from './environment.ts'
import { isInt64 } from './value.ts'

/** A node of an expression's syntax tree. */
export type SyntaxTree = ReturnType<typeof parse>['expr']

/** A problem of a node. */
export interface SyntaxProblem {
  /** The node's ID, for its position in the text. */
  readonly id: bigint
  readonly reason: string
}

/** What is known at a node. */
interface Scope {
  readonly names: ReadonlySet<string>
  readonly variables: readonly string[]
  readonly loops: number
  readonly depth: number
}

type Call = Extract<SyntaxTree['exprKind'], { case: 'callExpr' }>['value']
type Comprehension = Extract<SyntaxTree['exprKind'], { case: 'comprehensionExpr' }>['value']
type Constant = Extract<SyntaxTree['exprKind'], { case: 'constExpr' }>['value']
type Struct = Extract<SyntaxTree['exprKind'], { case: 'structExpr' }>['value']
type Select = Extract<SyntaxTree['exprKind'], { case: 'selectExpr' }>['value']

const maxLoops = 2
const maxDepth = 128
const roots = ['object', 'oldObject', 'request', 'attestation']
const types = ['bool', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type']
const noScope: Scope = { names: new Set([...roots, ...types]), variables: [], loops: 0, depth: 0 }

class Problem extends Error {
  readonly id: bigint

  constructor({ id }: SyntaxTree, reason: string) {
    super(reason)
    this.id = id
  }
}

/**
 * Finds what an expression must not do: use undefined names, or nest loops so deep that its time grows
 * with the third power of the object's size. Problems are found when a policy is read, not at admission.
 */
export function checkSyntaxTree(
  tree: SyntaxTree,
  variables: readonly string[]
): SyntaxProblem | undefined {
  try {
    check(tree, { ...noScope, variables })
    return undefined
  } catch (error) {
    if (error instanceof Problem) return { id: error.id, reason: error.message }
    throw error
  }
}

function check(node: SyntaxTree | undefined, outer: Scope): void {
  if (node === undefined) return
  const scope = { ...outer, depth: outer.depth + 1 }
  if (scope.depth > maxDepth)
    throw new Problem(node, `the expression nests deeper than ${maxDepth} levels`)
  const { exprKind } = node
  switch (exprKind.case) {
    case 'identExpr':
      checkName(node, exprKind.value.name, scope)
      return
    case 'selectExpr':
      checkSelect(node, exprKind.value, scope)
      return
    case 'callExpr':
      checkCall(node, exprKind.value, scope)
      return
    case 'listExpr':
      checkAll(exprKind.value.elements, scope)
      return
    case 'structExpr':
      checkStruct(node, exprKind.value, scope)
      return
    case 'comprehensionExpr':
      checkComprehension(node, exprKind.value, scope)
      return
    case 'constExpr':
      checkConstant(node, exprKind.value)
      return
    case undefined:
      throw new Problem(node, 'the expression is empty')
  }
}

function checkConstant(node: SyntaxTree, { constantKind: kind }: Constant): void {
  if (kind.case === 'bytesValue') throw new Problem(node, 'bytes are not supported')
  if (kind.case === 'uint64Value') throw new Problem(node, 'uints are not supported')
  if (kind.case === 'int64Value' && !isInt64(kind.value)) {
    throw new Problem(node, 'the int is out of range')
  }
  if (kind.case === 'doubleValue' && !Number.isFinite(kind.value)) {
    throw new Problem(node, 'the double is out of range')
  }
}

function checkAll(nodes: readonly (SyntaxTree | undefined)[], scope: Scope): void {
  for (const node of nodes) check(node, scope)
}

function checkStruct(node: SyntaxTree, { messageName, entries }: Struct, scope: Scope): void {
  if (messageName !== '') throw new Problem(node, 'messages are not supported')
  for (const { keyKind, value } of entries) {
    checkAll([keyKind.case === 'mapKey' ? keyKind.value : undefined, value], scope)
  }
}

function checkName(node: SyntaxTree, name: string, { names }: Scope): void {
  if (names.has(name)) return
  const known = ['variables.NAME', ...roots].join(', ')
  throw new Problem(node, `${name} is not defined (known: ${known})`)
}

function checkSelect(node: SyntaxTree, { operand, field, testOnly }: Select, scope: Scope): void {
  if (nameOf(operand) !== 'variables') {
    check(operand, scope)
    return
  }
  if (testOnly) throw new Problem(node, 'has() of a variable is always true')
  if (scope.variables.includes(field)) return
  const known = scope.variables.join(', ') || 'none'
  throw new Problem(
    node,
    `variables.${field} is not defined before this expression (known: ${known})`
  )
}

function checkCall(node: SyntaxTree, call: Call, scope: Scope): void {
  const { target, args } = call
  const qualifier = nameOf(target)
  const isQualified =
    qualifier !== undefined && environment.funcs.find(`${qualifier}.${call.function}`) !== undefined
  if (!isQualified) {
    check(target, scope)
    // Operators (`_&&_`) are not identifiers; the planner knows them.
    const isOperator = !/^[A-Za-z]/.test(call.function)
    const isKnown = environment.funcs.find(call.function) !== undefined
    if ((!isKnown && !isOperator) || refusedFunctions.has(call.function)) {
      throw new Problem(
        node,
        `there is no function ${call.function} with ${args.length} argument${args.length === 1 ? '' : 's'}`
      )
    }
  }
  if (call.function === 'matches') checkPattern(args.at(-1))
  checkAll(args, scope)
}

function checkPattern(pattern: SyntaxTree | undefined): void {
  if (pattern?.exprKind.case !== 'constExpr') return
  const { constantKind } = pattern.exprKind.value
  if (constantKind.case !== 'stringValue') return
  try {
    compilePattern(constantKind.value)
  } catch (error) {
    throw new Problem(pattern, error instanceof Error ? error.message : 'not a regular expression')
  }
}

function checkComprehension(node: SyntaxTree, loop: Comprehension, scope: Scope): void {
  check(loop.iterRange, scope)
  const loops = scope.loops + 1
  if (loops > maxLoops) {
    throw new Problem(node, `all, exists, map and filter nest at most ${maxLoops} deep`)
  }
  if (roots.includes(loop.iterVar) || loop.iterVar === 'variables') {
    throw new Problem(node, `${loop.iterVar} cannot be the name of a loop variable`)
  }
  const names = new Set([...scope.names, loop.iterVar, loop.accuVar])
  const parts = [loop.accuInit, loop.loopCondition, loop.loopStep, loop.result]
  checkAll(parts, { ...scope, names, loops })
}

function nameOf(node: SyntaxTree | undefined): string | undefined {
  return node?.exprKind.case === 'identExpr' ? node.exprKind.value.name : undefined
}
