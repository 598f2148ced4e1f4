import { isDeepStrictEqual } from 'node:util'
import { isJsonObject } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { areStated, candidatesFor } from './candidates.ts'
import type { StatedPrograms } from './candidates.ts'
import { isCloudVariable } from './cloud-variables.ts'
import { isFilledIn } from './expression.ts'
import { programsOf } from './program.ts'
import type { Program, Variable } from './program.ts'
import type { Rewriting } from './rewriting.ts'
import { rewritingsOf } from './rewritings.ts'

/** A part of a program that no object of the owner states. */
export interface StrangePart {
  readonly field: string
  readonly what: 'command' | 'script' | 'variable'
  /** The name of the variable; empty for others, which can contain secrets. */
  readonly found: string
}

/**
 * Collects the programs of an owner and its templates.
 *
 * @param groups API groups of the owner and of what is between it and the child
 */
export function statedPrograms(
  objects: readonly JsonObject[],
  groups: ReadonlySet<string>
): StatedPrograms {
  const rewritings = rewritingsOf(groups)
  const inOtherWords = rewritings.flatMap(each =>
    objects.flatMap(owner => each.stated?.(owner) ?? [])
  )
  return { programs: [...objects.flatMap(programsOf), ...inOtherWords], rewritings }
}

/**
 * Returns what a child runs that nothing in its owner states, container by container: commands with their
 * arguments, scripts, and variables. What a child leaves out is what its image says.
 *
 * @param isAdded true for an image that the operator adds by itself
 * @param isWithVariables false if others may add variables
 */
export function strangeParts(
  child: JsonObject,
  stated: StatedPrograms,
  isAdded: (image: string) => boolean,
  isWithVariables: boolean
): readonly StrangePart[] {
  return programsOf(child).flatMap(program => {
    if (program.image !== undefined && isAdded(program.image)) return ofOperator(program, stated)
    const candidates = candidatesFor(program, stated)
    return [
      ...strangeCommand(program, candidates, stated.rewritings),
      ...strangeScript(program, candidates, stated.rewritings),
      ...(isWithVariables ? strangeVariables(program, candidates, stated.rewritings) : [])
    ]
  })
}

/** A container with an image of the operator: what it prepares for others to run must be the owner's. */
function ofOperator(program: Program, stated: StatedPrograms): readonly StrangePart[] {
  const { rewritings, programs } = stated
  const preparing = rewritings.flatMap(({ scripts }) => (scripts === undefined ? [] : [scripts]))
  if (preparing.length === 0) return []
  const prepared = preparing.map(scripts => scripts(program)).find(each => each !== undefined)
  if (prepared === undefined) {
    return strangeCommand(program, candidatesFor(program, stated), rewritings)
  }
  const isStated = (script: string) => programs.some(each => isScript(script, each, rewritings))
  return prepared.every(isStated) ? [] : [{ field: program.field, what: 'script', found: '' }]
}

const plain: Rewriting = { groups: [] }

function strangeCommand(
  program: Program,
  candidates: readonly Program[],
  rewritings: readonly Rewriting[]
): readonly StrangePart[] {
  const { command, args, field } = program
  const words = [...command, ...args]
  if (words.length === 0 || rewritings.some(({ adds }) => adds?.(program) === true)) return []
  const hasCommand = command.length > 0
  const isStated = [plain, ...rewritings].some(rewriting => {
    const isOne = (found: readonly string[], isWrapped: boolean) =>
      areStated(found, candidates, { hasCommand, isWrapped }, rewriting)
    const inner = rewriting.unwrap?.(words)
    if (inner !== undefined && (inner.length === 0 || isOne(inner, true))) return true
    return isOne(words, false) || isOne(withoutAppended(words, rewriting), false)
  })
  return isStated
    ? []
    : [{ field: `${field}.${hasCommand ? 'command' : 'args'}`, what: 'command', found: '' }]
}

/** Without the options at the end that the operator appends, `--name=value` or `--name value`. */
function withoutAppended(words: readonly string[], { appended }: Rewriting): readonly string[] {
  const left = [...words]
  const isOption = (word = '') => appended?.has(word) === true
  for (;;) {
    if (isOption(left.at(-2))) left.splice(-2)
    else if (isOption(left.at(-1)?.split('=')[0])) left.splice(-1)
    else return left
  }
}

function strangeScript(
  { field, script }: Program,
  candidates: readonly Program[],
  rewritings: readonly Rewriting[]
): readonly StrangePart[] {
  if (script === undefined) return []
  if (candidates.some(each => isScript(script, each, rewritings))) return []
  return [{ field, what: 'script', found: '' }]
}

function isScript(found: string, { script }: Program, rewritings: readonly Rewriting[]): boolean {
  if (script === undefined) return false
  return [plain, ...rewritings].some(({ expression, bareScript = text => text }) =>
    isFilledIn(bareScript(found), bareScript(script), expression)
  )
}

function strangeVariables(
  { field, env, envFrom }: Program,
  candidates: readonly Program[],
  rewritings: readonly Rewriting[]
): readonly StrangePart[] {
  const known = candidates.flatMap(each => each.env)
  const sources = candidates.flatMap(each => each.envFrom)
  const strange = env
    .map((variable, at) => ({ variable, at }))
    .filter(
      ({ variable }) =>
        !isAddedVariable(variable, rewritings) && !isKnown(variable, known, rewritings)
    )
  const strangeSources = envFrom
    .map((source, at) => ({ source, at }))
    .filter(({ source }) => !sources.some(each => isDeepStrictEqual(each, source)))
  return [
    ...strange.map(({ variable: { name }, at }) => ({
      field: `${field}.env[${at}]`,
      what: 'variable' as const,
      found: name
    })),
    ...strangeSources.map(({ at }) => ({
      field: `${field}.envFrom[${at}]`,
      what: 'variable' as const,
      found: 'envFrom'
    }))
  ]
}

/** A variable of the operator, of a cloud, or with a field of the Pod itself. */
function isAddedVariable({ name, from }: Variable, rewritings: readonly Rewriting[]): boolean {
  if (isJsonObject(from) && (from.fieldRef !== undefined || from.resourceFieldRef !== undefined))
    return true
  return isCloudVariable(name) || rewritings.some(({ variables }) => variables?.test(name) === true)
}

function isKnown(
  { name, value, from }: Variable,
  known: readonly Variable[],
  rewritings: readonly Rewriting[]
): boolean {
  return known.some(each => {
    if (each.name !== name) return false
    if (value === undefined || each.value === undefined) return isDeepStrictEqual(from, each.from)
    const stated = each.value
    return [plain, ...rewritings].some(({ expression }) => isFilledIn(value, stated, expression))
  })
}
