import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Script } from 'node:vm'
import type { BuiltFiles, Parts } from './link.ts'

/**
 * The first bytes of a code cache. V8 itself compares only its version, its flags and the length of the
 * source; this adds the build, the Node and the processor.
 */
export function codeCacheHeader({ build }: BuiltFiles): string {
  return `${build} ${process.version} ${process.arch}`.padEnd(headerBytes - 1) + '\n'
}

/** V8 copies a cache that is not aligned. */
const headerBytes = 128

/**
 * What a code cache is made from: unsigned renders of files without Git, which need a fifth less code, or
 * renders of repositories, signed too. A command whose functions a cache lacks takes the time to compile them.
 */
export type CacheKind = 'exported' | 'repository'

/** The name of a code cache of a file of the program. */
export function codeCacheOf(file: string, kind: CacheKind): string {
  return file.replace(/\.js$/, kind === 'exported' ? '-exported.cache' : '.cache')
}

/**
 * The chunks of a file, compiled from a code cache that the build made. Undefined if there is no cache,
 * or one of another build, Node or processor. A cache that V8 refuses only costs the time to compile.
 */
export function cachedParts(file: string, files: BuiltFiles, kind: CacheKind): Parts | undefined {
  const cache = readIfPresent(codeCacheOf(file, kind))
  if (cache?.toString('latin1', 0, headerBytes) !== codeCacheHeader(files)) return undefined
  const source = readFileSync(file, 'latin1')
  if (!source.startsWith(firstLine(files))) return undefined
  const script = new Script(source, {
    filename: path.basename(file),
    cachedData: cache.subarray(headerBytes)
  })
  return script.runInThisContext() as Parts
}

/** The first line of each file: V8 would take the cache of another source of the same length. */
export function firstLine({ build }: BuiltFiles): string {
  return `// ${build}\n`
}

function readIfPresent(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
