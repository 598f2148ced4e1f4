import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { main as Main } from '../main.ts'
import { commandLine } from '../command-line.ts'
import { print } from '../print.ts'
import { keyOption, signerOptions } from '../../plugin/signer/signing-options.ts'
import { cachedParts } from './code-cache.ts'
import type { CacheKind } from './code-cache.ts'
import { linkParts, shortProgram, wholeProgram } from './link.ts'
import type { BuiltFiles, Parts } from './link.ts'

/** Written by `scripts/build.ts`. */
declare const builtFiles: BuiltFiles

const parts = new Map<string, Parts>()
/** Loads modules of Node, and files of the program that have no code cache. */
const requireModule = createRequire(__filename)

/** Without a code cache, Node compiles the file. It keeps the result where NODE_COMPILE_CACHE says. */
function partsIn(file: string): Parts {
  const known = parts.get(file)
  if (known !== undefined) return known
  const name = path.join(__dirname, file)
  const read =
    cachedParts(name, builtFiles, cacheKind()) ??
    (existsSync(name) ? (requireModule(name) as Parts) : {})
  parts.set(file, read)
  return read
}

/** A render of files without Git is one that names their commit. */
function cacheKind(): CacheKind {
  const isGiven = (name: string) =>
    process.argv.some(arg => arg === `--${name}` || arg.startsWith(`--${name}=`))
  const isSigned = Object.entries({ ...keyOption, ...signerOptions }).some(
    ([name, { variable }]) => process.env[variable] !== undefined || isGiven(name)
  )
  return isGiven('revision') && !isSigned ? 'exported' : 'repository'
}

function refuse(file: string): never {
  print(
    'stderr',
    `mlgitops: ${file} is missing or is of another build: keep the files of a build together\n`
  )
  process.exit(1)
}

const load = linkParts({
  files: builtFiles,
  partsIn,
  require: requireModule,
  filename: __filename,
  refuse
})
/** The commands of `scripts/short-commands.ts`; the whole program has all. */
const short = new Set(['render', 'parameters', 'fn', 'digest', 'keygen', '--help', 'help'])
const isShort = short.has(commandLine(process.argv)[0] ?? '--help')
const { main } = load(isShort ? shortProgram : wholeProgram) as { main: typeof Main }
const isWritten = main()
// A command that rendered leaves nothing running. Node takes longer to find that out.
if (isShort) void isWritten.then(written => written && process.exit())
