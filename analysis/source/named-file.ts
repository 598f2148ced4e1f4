import { readFileSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { SourceDown } from './exchange.ts'
import type { Exchange } from './exchange.ts'

/** Largest labelled set, in bytes. */
export const maxSetBytes = 64 * 1024 * 1024

/** Where files that objectives name are. */
export interface FileRules {
  /** Holds a folder for each namespace. Undefined: no files, or any where the service is local. */
  readonly folder: string | undefined
  readonly isLocal: boolean
}

/**
 * The text of a file that objectives name: `FOLDER/NAMESPACE/NAME`, whatever links lead to, within that
 * folder.
 *
 * @param key what names it, for messages
 * @throws {Fault} `FILE_REFUSED`, `FILE_UNREADABLE`, `FILE_TOO_LARGE`
 */
export function readNamedFile(
  name: string,
  { namespace, key }: { readonly namespace: string; readonly key: string },
  rules: FileRules
): string {
  const file = locate(name, { namespace, key }, rules)
  try {
    const { size } = statSync(file)
    if (size > maxSetBytes) {
      throw new Fault('FILE_TOO_LARGE', `${key}: the file has more than ${maxSetBytes} bytes`)
    }
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw error instanceof Fault ? error : unreadable(key, error)
  }
}

function locate(
  name: string,
  { namespace, key }: { readonly namespace: string; readonly key: string },
  { folder, isLocal }: FileRules
): string {
  if (folder === undefined) {
    if (isLocal) return path.resolve(name)
    throw new Fault('FILE_REFUSED', `${key}: the service has no folder of files (--files DIR)`)
  }
  let root: string
  let file: string
  try {
    // A mounted ConfigMap is a folder of links.
    root = realpathSync(path.join(folder, namespace))
    file = realpathSync(path.resolve(root, name))
  } catch (error) {
    throw unreadable(key, error)
  }
  if (file.startsWith(root + path.sep)) return file
  throw new Fault('FILE_REFUSED', `${key}: the file is not within the folder of ${namespace}`)
}

function unreadable(key: string, error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Fault('FILE_UNREADABLE', `${key}: the file cannot be read (${code})`)
}

/** The text behind an address. @throws {SourceDown} */
export async function fetchSet(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { exchange, signal }: { readonly exchange: Exchange; readonly signal: AbortSignal }
): Promise<string> {
  const { status, text } = await exchange({ url, headers, limitBytes: maxSetBytes, signal })
  if (status === 200) return text
  throw new SourceDown(`replay.dataset: ${url.host} answers ${status}`)
}
