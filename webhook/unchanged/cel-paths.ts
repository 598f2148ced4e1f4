import { parse } from '@bufbuild/cel'
import type { SyntaxTree } from '../cel/syntax-tree.ts'
import type { CelOptions } from '../policy/model-policy.ts'
import type { LooksAt, MemberPath } from './looks.ts'

/** Members of `request` that are the same for every update of an object. */
const lasting = new Set(['operation', 'namespace', 'name', 'kind'])

interface Seen {
  readonly paths: MemberPath[]
  attestation: boolean
  request: boolean
}

/**
 * Returns what the expressions of a `cel` rule look at: the members that they select from `object` and
 * `oldObject`, and everything below them.
 *
 * @param options valid: compiled before
 */
export function pathsOfCel({ variables = [], validations }: CelOptions): LooksAt {
  const seen: Seen = { paths: [], attestation: false, request: false }
  const texts = [
    ...variables.map(({ expression }) => expression),
    ...validations.flatMap(({ expression, messageExpression }) =>
      messageExpression === undefined ? [expression] : [expression, messageExpression]
    )
  ]
  for (const text of texts) look(parse(text).expr, seen)
  return seen
}

function look(node: SyntaxTree, seen: Seen): void {
  const chain = chainOf(node)
  if (chain !== undefined) note(chain, seen)
  else for (const part of partsOf(node)) if (part !== undefined) look(part, seen)
}

function partsOf({ exprKind }: SyntaxTree): readonly (SyntaxTree | undefined)[] {
  switch (exprKind.case) {
    case 'selectExpr':
      return [exprKind.value.operand]
    case 'callExpr':
      return [exprKind.value.target, ...exprKind.value.args]
    case 'listExpr':
      return exprKind.value.elements
    case 'structExpr':
      return exprKind.value.entries.flatMap(({ keyKind, value }) =>
        keyKind.case === 'mapKey' ? [keyKind.value, value] : [value]
      )
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value
      return [iterRange, accuInit, loopCondition, loopStep, result]
    }
    case 'identExpr':
    case 'constExpr':
    case undefined:
      return []
  }
}

interface Chain {
  readonly root: string
  readonly members: readonly string[]
}

function note({ root, members }: Chain, seen: Seen): void {
  if (root === 'object' || root === 'oldObject') seen.paths.push(members)
  else if (root === 'attestation') seen.attestation = true
  else if (root === 'request' && !lasting.has(members[0] ?? '')) seen.request = true
}

/** `object.metadata.labels` and `object.metadata.labels["team"]`: a name, and members of it. */
function chainOf({ exprKind }: SyntaxTree): Chain | undefined {
  switch (exprKind.case) {
    case 'identExpr':
      return { root: exprKind.value.name, members: [] }
    case 'selectExpr':
      return memberChain(exprKind.value.operand, exprKind.value.field)
    case 'callExpr': {
      const [from, key] = exprKind.value.args
      return exprKind.value.function === '_[_]' ? memberChain(from, textOf(key)) : undefined
    }
    default:
      return undefined
  }
}

function memberChain(from: SyntaxTree | undefined, name: string | undefined): Chain | undefined {
  const chain = from === undefined ? undefined : chainOf(from)
  if (chain === undefined || name === undefined) return undefined
  return { root: chain.root, members: [...chain.members, name] }
}

function textOf(node: SyntaxTree | undefined): string | undefined {
  if (node?.exprKind.case !== 'constExpr') return undefined
  const { constantKind } = node.exprKind.value
  return constantKind.case === 'stringValue' ? constantKind.value : undefined
}
