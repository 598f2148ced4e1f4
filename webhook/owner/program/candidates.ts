import type { Program } from './program.ts'
import type { Rewriting } from './rewriting.ts'
import { anyWords, readAny, unread } from './words.ts'
import type { Reached, StatedWords } from './words.ts'

/** The programs of an owner and its templates, and how operators rewrite them. */
export interface StatedPrograms {
  readonly programs: readonly Program[]
  readonly rewritings: readonly Rewriting[]
}

/**
 * Returns the programs that one of a child can come from: those of its name, if there are any, and those
 * without a name, with the same image or none.
 */
export function candidatesFor(
  { name = '', role, image }: Program,
  { programs, rewritings }: StatedPrograms
): readonly Program[] {
  const names = new Set([name, ...rewritings.map(each => each.nameOf?.(name) ?? name)])
  const ofRole = programs.filter(each => each.role === role)
  const isNamed = ofRole.some(each => each.name !== undefined && names.has(each.name))
  return ofRole.filter(each => {
    if (isNamed && each.name !== undefined && !names.has(each.name)) return false
    if (image === undefined || each.image === undefined) return true
    return repositoryOf(image) === repositoryOf(each.image) || isExpression(each.image, rewritings)
  })
}

/** Without registry, tag and digest, which are compared as images; KServe appends `-cpu` to the name of one. */
function repositoryOf(image: string): string {
  const [name = ''] = image.split('@')
  return name.slice(name.lastIndexOf('/') + 1).replace(/(?:-cpu)?(?::.*)?$/u, '')
}

function isExpression(image: string, rewritings: readonly Rewriting[]): boolean {
  return rewritings.some(
    ({ expression }) => expression !== undefined && image.search(expression) !== -1
  )
}

/** How the words of a program in a child begin. */
interface Beginning {
  readonly hasCommand: boolean
  /** True if an operator wrapped them. */
  readonly isWrapped: boolean
}

/**
 * Whether words are a command of a candidate and then arguments of one, or of two if the operator joins
 * arguments.
 */
export function areStated(
  words: readonly string[],
  candidates: readonly Program[],
  beginning: Beginning,
  rewriting: Rewriting
): boolean {
  const inForm = (choices: readonly StatedWords[]) =>
    rewriting.isJoined === true && beginning.isWrapped ? choices.map(inWords) : choices
  const commands = inForm(commandsOf(candidates, beginning, rewriting))
  const lists = inForm(candidates.map(({ args }) => args).filter(isNotEmpty))
  const isRead = (reached: Reached) => reached.at(-1) === words.length
  let reached = readAny(words, unread, commands, rewriting)
  for (let left = rewriting.joinsArguments === true ? 2 : 1; left > 0; left -= 1) {
    if (isRead(reached)) return true
    reached = readAny(words, reached, lists, rewriting)
  }
  return isRead(reached)
}

function commandsOf(
  candidates: readonly Program[],
  { hasCommand, isWrapped }: Beginning,
  { scriptFile, readsImages, isJoined }: Rewriting
): readonly StatedWords[] {
  const commands: StatedWords[] = candidates.map(({ command }) => command).filter(isNotEmpty)
  if (!hasCommand || (isWrapped && isJoined === true)) commands.push([])
  if (isWrapped && readsImages === true && candidates.some(isOfImage)) commands.push([anyWords])
  if (scriptFile === undefined) return commands
  const ofScripts = candidates.filter(({ script }) => script !== undefined)
  if (ofScripts.length > 0) commands.push([scriptFile])
  return [...commands, ...ofScripts.map(({ command }) => [...command, scriptFile])]
}

function isNotEmpty(words: readonly string[]): boolean {
  return words.length > 0
}

/** True for a program that leaves its command to its image. */
function isOfImage({ command, script, image }: Program): boolean {
  return command.length === 0 && script === undefined && image !== undefined
}

function inWords(stated: StatedWords): StatedWords {
  return stated.flatMap<StatedWords[number]>(each =>
    typeof each === 'string' ? each.split(/\s+/u).filter(word => word !== '') : [each]
  )
}
