import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { download } from './download.ts'
import type { DownloadLimits } from './download.ts'
import type { SourceArtifact } from './source-artifact.ts'
import { unpack } from './unpack.ts'
import type { UnpackLimits } from './unpack.ts'

/** What a source may take and how much of it is held. */
export interface SourceLimits {
  readonly download: DownloadLimits
  readonly unpack: UnpackLimits
  /** Unpacked sources that nobody uses now. */
  readonly maxIdle: number
}

/** A compressed file of 64 MiB within a minute; unpacked 512 MiB in 50,000 entries; 8 that are idle. */
export const defaultSourceLimits: SourceLimits = {
  download: { maxBytes: 64 * 1024 * 1024, timeoutMs: 60_000 },
  unpack: { maxBytes: 512 * 1024 * 1024, maxEntries: 50_000 },
  maxIdle: 8
}

interface Entry {
  readonly folder: Promise<string>
  users: number
}

/** The address too: who names a slow one delays himself only. */
function keyOf({ digest, url }: SourceArtifact): string {
  return `${digest} ${url}`
}

/**
 * Unpacked sources by digest: many releases of one commit share one download. By digest and not by
 * revision, as source-controller packs the same revision anew when what it includes changes.
 */
export class SourceCache {
  readonly #folder: string
  readonly #limits: SourceLimits
  readonly #end = new AbortController()
  readonly #entries = new Map<string, Entry>()
  /** Downloads that were begun, for metrics. */
  downloads = 0

  constructor(folder: string, limits: SourceLimits = defaultSourceLimits) {
    this.#folder = folder
    this.#limits = limits
  }

  /**
   * Runs `action` on the unpacked files, which stay until it is done.
   *
   * @throws {Fault} `SOURCE_*`, and what `action` throws
   */
  async use<Result>(
    artifact: SourceArtifact,
    action: (folder: string) => Promise<Result>
  ): Promise<Result> {
    const entry = this.#entries.get(keyOf(artifact)) ?? this.#begin(artifact)
    entry.users += 1
    try {
      return await action(await entry.folder)
    } finally {
      entry.users -= 1
      await this.#evict()
    }
  }

  /** Ends downloads at work and removes everything. */
  async close(): Promise<void> {
    this.#end.abort()
    await Promise.allSettled(Array.from(this.#entries.values(), ({ folder }) => folder))
    await rm(this.#folder, { recursive: true, force: true })
  }

  #begin(artifact: SourceArtifact): Entry {
    const folder = this.#fetch(artifact)
    const entry = { folder, users: 0 }
    const key = keyOf(artifact)
    this.#entries.set(key, entry)
    // The next one tries again.
    folder.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key)
    })
    return entry
  }

  async #fetch(artifact: SourceArtifact): Promise<string> {
    this.downloads += 1
    await mkdir(this.#folder, { recursive: true })
    const folder = await mkdtemp(path.join(this.#folder, 'source-'))
    const [archive, files] = [path.join(folder, 'archive'), path.join(folder, 'files')]
    try {
      await download(artifact, archive, this.#limits.download, this.#end.signal)
      await mkdir(files)
      await unpack(archive, files, this.#limits.unpack, this.#end.signal)
      await rm(archive)
      return files
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** The oldest that are idle go first: a map is in the order of its insertions. */
  async #evict(): Promise<void> {
    const idle = [...this.#entries].filter(([, { users }]) => users === 0)
    for (const [key, { folder }] of idle.slice(
      0,
      Math.max(0, idle.length - this.#limits.maxIdle)
    )) {
      this.#entries.delete(key)
      const files = await folder.catch(() => undefined)
      if (files !== undefined) await rm(path.dirname(files), { recursive: true, force: true })
    }
  }
}
