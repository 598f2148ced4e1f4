import type { JsonObject } from '../../../common/json.ts'
import type { Program } from './program.ts'

/** What an operator is known to make of the programs that an owner states. */
export interface Rewriting {
  /** API groups of the owners whose children it writes. */
  readonly groups: readonly string[]
  /** Expressions that it replaces by values; global. */
  readonly expression?: RegExp
  /** A word that it replaces by any number of words. */
  readonly list?: RegExp
  /** True if it writes the command of an image where the owner states none. */
  readonly readsImages?: true
  /** True if it joins words to a line, so that their limits are lost. */
  readonly isJoined?: true
  /** The name of the program in the owner, by that in the child. */
  readonly nameOf?: (name: string) => string
  /** The words that it wraps in its own command; undefined for words that it does not wrap. */
  readonly unwrap?: (words: readonly string[]) => readonly string[] | undefined
  /** The word in a command by which it runs a script that the owner states. */
  readonly scriptFile?: RegExp
  /** Options that it appends to arguments: `--name=value`, or two words. */
  readonly appended?: ReadonlySet<string>
  /** True if it appends arguments of one object to those of another. */
  readonly joinsArguments?: true
  /** True for a program that it adds by itself, with an image of the owner. */
  readonly adds?: (program: Program) => boolean
  /**
   * The scripts that a container with an image of the operator prepares for others; undefined for one
   * that the operator does not make.
   */
  readonly scripts?: (program: Program) => readonly string[] | undefined
  /** The script without what the operator puts in front of one. */
  readonly bareScript?: (script: string) => string
  /** Names of variables that it adds. */
  readonly variables?: RegExp
  /** What an owner states in other words than those of a container. */
  readonly stated?: (owner: JsonObject) => readonly Program[]
}
