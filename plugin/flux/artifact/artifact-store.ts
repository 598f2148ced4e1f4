import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'
import { Fault } from '../../../common/fault.ts'
import type { Artifact } from './artifact.ts'

const filePattern = /^[0-9a-f]{64}\.tar\.gz$/

/** The file name of the artifact with this digest. */
export function artifactFile(digest: string): string {
  return `${digest.slice(digest.indexOf(':') + 1)}.tar.gz`
}

/**
 * Stores artifacts in a folder, each under the SHA-256 of its bytes. A file whose bytes do not match its
 * name is never returned. Releases with the same content share a file.
 */
export class ArtifactStore {
  readonly #folder: string
  readonly #nowMs: () => number
  /** The time since which nothing refers to a file. */
  readonly #unusedSinceMs = new Map<string, number>()

  /** @param nowMs milliseconds of a clock that never goes back */
  constructor(folder: string, nowMs: () => number) {
    this.#folder = folder
    this.#nowMs = nowMs
    mkdirSync(folder, { recursive: true })
  }

  /** Writes the file atomically. @throws {Fault} `ARTIFACT_STORAGE` */
  put({ digest, bytes }: Pick<Artifact, 'digest' | 'bytes'>): void {
    const file = artifactFile(digest)
    this.#unusedSinceMs.delete(file)
    if (this.read(file) !== undefined) return
    const temporary = path.join(this.#folder, `.${file}.new`)
    try {
      // A cleaner of temporary folders may have removed it.
      if (!existsSync(this.#folder)) mkdirSync(this.#folder, { recursive: true })
      writeFileSync(temporary, bytes, { mode: 0o600, flush: true })
      renameSync(temporary, path.join(this.#folder, file))
    } catch (error) {
      throw storageFault('cannot store the artifact', error)
    }
  }

  /** Whether a file of this digest exists. {@link read} verifies its content. */
  has(digest: string): boolean {
    const absolute = path.join(this.#folder, artifactFile(digest))
    return statSync(absolute, { throwIfNoEntry: false })?.isFile() === true
  }

  /** Reads a file; undefined if it does not exist. A file that does not match its name is removed. */
  read(file: string): Buffer | undefined {
    if (!filePattern.test(file)) return undefined
    const absolute = path.join(this.#folder, file)
    let bytes
    try {
      bytes = readFileSync(absolute)
    } catch {
      return undefined
    }
    const name = `${createHash('sha256').update(bytes).digest('hex')}.tar.gz`
    if (name === file) return bytes
    try {
      rmSync(absolute, { force: true })
    } catch {
      // The disk is read-only: the file stays, but is not returned.
    }
    return undefined
  }

  /**
   * Removes files that nothing has referred to for `keepMs`: kustomize-controller may retry a download
   * for three and a half minutes.
   *
   * @throws {Fault} `ARTIFACT_STORAGE`
   */
  collect(usedDigests: Iterable<string>, keepMs: number): void {
    try {
      this.#collect(new Set(Array.from(usedDigests, artifactFile)), keepMs)
    } catch (error) {
      throw storageFault('cannot clean up the artifact folder', error)
    }
  }

  #collect(used: ReadonlySet<string>, keepMs: number): void {
    const nowMs = this.#nowMs()
    for (const file of readdirSync(this.#folder)) {
      if (used.has(file)) {
        this.#unusedSinceMs.delete(file)
        continue
      }
      const sinceMs = this.#unusedSinceMs.get(file) ?? nowMs
      this.#unusedSinceMs.set(file, sinceMs)
      if (nowMs - sinceMs < keepMs) continue
      rmSync(path.join(this.#folder, file), { recursive: true, force: true })
      this.#unusedSinceMs.delete(file)
    }
  }
}

function storageFault(message: string, error: unknown): Fault {
  const found = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Fault('ARTIFACT_STORAGE', message, { found })
}
