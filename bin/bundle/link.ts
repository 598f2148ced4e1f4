/** A chunk of the program: a CommonJS module. Its `__filename` is the file that Node was started with. */
export type Part = (
  module: { exports: unknown },
  exports: unknown,
  load: (name: string) => unknown,
  filename: string
) => void

/** The chunk with the commands that render and end. */
export const shortProgram = './short-commands.js'
/** The chunk that starts any command. */
export const wholeProgram = './mlgitops.bundle.js'

/** The chunks of one file, by name. */
export type Parts = Readonly<Record<string, Part>>

/** What `scripts/build.ts` knows of the files that it writes. */
export interface BuiltFiles {
  /** The same in all files of one build. */
  readonly build: string
  /** The name of the file that has a chunk, by the chunk's name. */
  readonly fileOf: Readonly<Record<string, string>>
}

/** What {@link linkParts} is given. */
export interface Linking {
  readonly files: BuiltFiles
  /** The chunks of a file; none if there is no such file. */
  readonly partsIn: (file: string) => Parts
  /** Loads what is not a chunk: a module of Node. */
  readonly require: (name: string) => unknown
  /** The file that Node was started with. */
  readonly filename: string
  /** Ends the process: a chunk is not in its file. */
  readonly refuse: (file: string) => never
}

/**
 * Returns the function that loads a chunk by its name. A chunk runs when it is first loaded, and a file is
 * read when its first chunk is, so a command pays only for what it uses.
 */
export function linkParts(linking: Linking): (name: string) => unknown {
  const { files, partsIn, require, filename, refuse } = linking
  const loaded = new Map<string, { exports: unknown }>()
  const load = (name: string): unknown => {
    const file = files.fileOf[name]
    if (file === undefined) return require(name)
    const known = loaded.get(name)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    loaded.set(name, module)
    const part = partsIn(file)[name] ?? refuse(file)
    part(module, module.exports, load, filename)
    return module.exports
  }
  return load
}
