import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { Fault, isFault } from '../../common/fault.ts'
import { readPolicyFolder } from './folder.ts'
import type { PolicySets } from './policies.ts'

/**
 * Reads every policy set of a folder, or the one of a file: its own has the empty name, the others are its subfolders.
 *
 * @throws {Fault} as {@link readPolicyFolder}, for any of them
 */
export function readPolicySets(
  folder: string,
  name: string,
  exceptionNamespaces: readonly string[]
): PolicySets {
  const sets = new Map([['', readPolicyFolder(folder, name, exceptionNamespaces)]])
  for (const entry of foldersIn(folder)) {
    const below = path.join(folder, entry)
    sets.set(entry, readPolicyFolder(below, `${name}/${entry}`, exceptionNamespaces))
  }
  return sets
}

/** A file has none. A ConfigMap's volume holds its data in folders that start with two dots. */
function foldersIn(folder: string): readonly string[] {
  if (statSync(folder).isFile()) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
}

/** The result of polling the folder. */
export type Reload =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'loaded'; readonly sets: PolicySets }
  /** The last good sets stay in force. */
  | { readonly kind: 'refused'; readonly fault: Fault }

/** Polls a folder; each change is reported once. */
export class LiveFolder {
  readonly #read: () => PolicySets
  readonly #folder: string
  readonly #name: string
  #digest = ''

  /** @param name the folder's name in messages */
  constructor(folder: string, name: string, exceptionNamespaces: readonly string[]) {
    this.#folder = folder
    this.#name = name
    this.#read = () => readPolicySets(folder, name, exceptionNamespaces)
  }

  /** Reads the sets if a file has changed since the last poll. */
  look(): Reload {
    const digest = this.#digestNow()
    if (digest.text === this.#digest) return { kind: 'unchanged' }
    this.#digest = digest.text
    if (digest.kind === 'unreadable') return { kind: 'refused', fault: digest.fault }
    try {
      return { kind: 'loaded', sets: this.#read() }
    } catch (error) {
      return { kind: 'refused', fault: faultOf(error, this.#name) }
    }
  }

  #digestNow(): Digest {
    try {
      return { kind: 'read', text: digestOf(this.#folder) }
    } catch (error) {
      const fault = faultOf(error, this.#name)
      return { kind: 'unreadable', text: fault.message, fault }
    }
  }
}

/** A digest of the files, or why they cannot be read. */
type Digest =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly text: string; readonly fault: Fault }

function faultOf(error: unknown, where: string): Fault {
  if (isFault(error)) return error
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Fault('FILE_UNREADABLE', `the policies cannot be read (${code})`, { where })
}

function digestOf(folder: string): string {
  const hash = createHash('sha256')
  const walk = (at: string, depth: number) => {
    const entries = readdirSync(at, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1
    )
    for (const entry of entries) {
      const below = path.join(at, entry.name)
      if (entry.isDirectory()) {
        if (depth === 0 && !entry.name.startsWith('.')) walk(below, 1)
      } else if (/\.(?:ya?ml|json)$/.test(entry.name)) {
        const bytes = readFileSync(below)
        hash.update(`${below}\0${bytes.length}\0`).update(bytes)
      }
    }
  }
  if (statSync(folder).isFile()) hash.update(readFileSync(folder))
  else walk(folder, 0)
  return hash.digest('hex')
}
