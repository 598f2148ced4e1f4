import { readFileSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { SourceDown } from './exchange.ts'
import type { Exchange } from './exchange.ts'

/** Largest labelled set, in bytes: it stays in memory during its replay. */
export const maxSetBytes = 16 * 1024 * 1024

/** Where objectives name a file. */
export interface NamedFile {
  readonly namespace: string
  /** The key that names it, for messages. */
  readonly key: string
  readonly limitBytes: number
}

/** Which files objectives may name. */
export interface FileRules {
  /** Has a folder for each namespace. Undefined: no files, or any file if the service is local. */
  readonly folder: string | undefined
  readonly isLocal: boolean
}

/**
 * Reads a file that objectives name: `FOLDER/NAMESPACE/NAME`. Links are resolved and must stay in the folder
 * of the namespace.
 *
 * @throws {Fault} `FILE_REFUSED`, `FILE_UNREADABLE`, `FILE_TOO_LARGE`
 */
export function readNamedFile(name: string, about: NamedFile, rules: FileRules): string {
  const { key, limitBytes } = about
  const file = locate(name, about, rules)
  try {
    const { size } = statSync(file)
    if (size > limitBytes) {
      throw new Fault('FILE_TOO_LARGE', `${key}: the file is larger than ${limitBytes} bytes`)
    }
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw error instanceof Fault ? error : unreadable(key, error)
  }
}

function locate(
  name: string,
  { namespace, key }: Pick<NamedFile, 'namespace' | 'key'>,
  { folder, isLocal }: FileRules
): string {
  if (folder === undefined) {
    if (isLocal) return path.resolve(name)
    throw new Fault('FILE_REFUSED', `${key}: the service has no folder for files (--files DIR)`)
  }
  let root: string
  let file: string
  try {
    // A mounted ConfigMap is a folder of symbolic links.
    root = realpathSync(path.join(folder, namespace))
    file = realpathSync(path.resolve(root, name))
  } catch (error) {
    throw unreadable(key, error)
  }
  if (file.startsWith(root + path.sep)) return file
  throw new Fault('FILE_REFUSED', `${key}: the file is outside the folder of ${namespace}`)
}

function unreadable(key: string, error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Fault('FILE_UNREADABLE', `${key}: the file cannot be read (${code})`)
}

/** Downloads a labelled set. @throws {SourceDown} */
export async function fetchSet(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { exchange, signal }: { readonly exchange: Exchange; readonly signal: AbortSignal }
): Promise<string> {
  const { status, text } = await exchange({ url, headers, limitBytes: maxSetBytes, signal })
  if (status === 200) return text
  throw new SourceDown(`replay.dataset: ${url.host} responded with ${status}`)
}
