import { rmSync } from 'node:fs'
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault, isFault } from '../../../common/fault.ts'
import { download } from './download.ts'
import type { DownloadLimits } from './download.ts'
import { Slots } from '../../../service/slots.ts'
import type { SourceArtifact } from './source-artifact.ts'
import { unpack } from './unpack.ts'
import type { UnpackLimits } from './unpack.ts'

/** Limits of one source, and of the cache. */
export interface SourceLimits {
  readonly download: DownloadLimits
  readonly unpack: UnpackLimits
  /** Concurrent downloads. Unpacking needs the processor: two at a time. */
  readonly maxDownloads: number
  /** Unpacked sources that are not in use: how many, and their total bytes. */
  readonly maxIdle: number
  readonly maxIdleBytes: number
  /** How long a failed download is not retried, so that everybody who waits for it sees the fault. */
  readonly failureTtlMs: number
}

/** 64 MiB within a minute; 512 MiB in 50,000 entries unpacked; 64 idle sources of 1 GiB in total. */
export const defaultSourceLimits: SourceLimits = {
  download: { maxBytes: 64 * 1024 * 1024, timeoutMs: 60_000 },
  unpack: { maxBytes: 512 * 1024 * 1024, maxEntries: 50_000 },
  maxDownloads: 32,
  maxIdle: 64,
  maxIdleBytes: 1024 * 1024 * 1024,
  failureTtlMs: 2_000
}

const maxUnpacking = 2
/** How many refused archives are remembered. */
const maxRefused = 1_000

interface Unpacked {
  readonly files: string
  readonly bytes: number
}

interface Entry {
  readonly unpacked: Promise<Unpacked>
  /** Unpacked size; undefined: not unpacked (yet). */
  bytes: number | undefined
  users: number
  /** Whether it was used: until then it is kept for the releases that wait for it. */
  isUsed: boolean
}

/** Includes the URL, so that a slow server delays only the sources that name it. */
function keyOf({ digest, url }: SourceArtifact): string {
  return `${digest} ${url}`
}

/**
 * Unpacked sources by digest: many releases of one commit share one download. The key is the digest and
 * not the revision, because source-controller packs the same revision again when its included files
 * change. An archive that cannot be unpacked is not downloaded again: the same digest is the same file.
 */
export class SourceCache {
  readonly #folder: string
  readonly #limits: SourceLimits
  readonly #end = new AbortController()
  readonly #entries = new Map<string, Entry>()
  readonly #refused = new Map<string, Fault>()
  readonly #downloading: Slots
  readonly #unpacking = new Slots(maxUnpacking)
  /** Downloads that were started, for metrics. */
  downloads = 0

  /** @param folder its content is removed: a process that was killed leaves its sources behind */
  constructor(folder: string, limits: SourceLimits = defaultSourceLimits) {
    rmSync(folder, { recursive: true, force: true })
    this.#folder = folder
    this.#limits = limits
    this.#downloading = new Slots(limits.maxDownloads)
  }

  /**
   * Starts to fetch a source that is not in the cache, and waits for it for at most `patienceMs`.
   *
   * @returns undefined if it was fetched or failed in time, else `settled`, which settles when it has
   */
  async fetch(
    artifact: SourceArtifact,
    patienceMs: number
  ): Promise<{ readonly settled: Promise<void> } | undefined> {
    if (this.isRefused(artifact)) return undefined
    const { unpacked } = this.#entryOf(artifact)
    const settled = unpacked.then(
      () => undefined,
      () => undefined
    )
    const end = new AbortController()
    const late = sleep(patienceMs, 'late', { signal: end.signal }).catch(() => undefined)
    const first = await Promise.race([settled, late])
    end.abort()
    return first === 'late' ? { settled } : undefined
  }

  /**
   * Runs `action` on the unpacked files, which are kept until it ends.
   *
   * @throws {Fault} `SOURCE_*`, and what `action` throws
   */
  async use<Result>(
    artifact: SourceArtifact,
    action: (folder: string) => Promise<Result>
  ): Promise<Result> {
    const refusal = this.#refused.get(keyOf(artifact))
    if (refusal !== undefined) throw refusal
    const entry = this.#entryOf(artifact)
    entry.users += 1
    entry.isUsed = true
    try {
      return await action((await entry.unpacked).files)
    } finally {
      entry.users -= 1
      await this.#evict()
    }
  }

  /** Whether the archive of an artifact cannot be unpacked, and is not downloaded again. */
  isRefused(artifact: SourceArtifact): boolean {
    return this.#refused.has(keyOf(artifact))
  }

  /** Stops running downloads and removes all files. */
  async close(): Promise<void> {
    this.#end.abort()
    await Promise.allSettled(Array.from(this.#entries.values(), ({ unpacked }) => unpacked))
    await rm(this.#folder, { recursive: true, force: true })
  }

  #entryOf(artifact: SourceArtifact): Entry {
    const key = keyOf(artifact)
    const known = this.#entries.get(key)
    if (known !== undefined) {
      // A map keeps insertion order: the most recently used entry is the last one.
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known
    }
    const unpacked = this.#fetch(artifact)
    const entry: Entry = { unpacked, bytes: undefined, users: 0, isUsed: false }
    this.#entries.set(key, entry)
    unpacked.then(
      ({ bytes }) => {
        entry.bytes = bytes
      },
      () => {
        this.#forgetLater(key)
      }
    )
    return entry
  }

  #forgetLater(key: string): void {
    const timer = setTimeout(() => {
      this.#entries.delete(key)
    }, this.#limits.failureTtlMs)
    timer.unref()
  }

  /** Turns errors of the disk into `SOURCE_STORAGE`: they are not faults of the source. */
  async #fetch(artifact: SourceArtifact): Promise<Unpacked> {
    try {
      return await this.#fetchInto(artifact)
    } catch (error) {
      if (error instanceof Fault || this.#end.signal.aborted) throw error
      const found = (error as NodeJS.ErrnoException).code ?? 'unknown'
      throw new Fault('SOURCE_STORAGE', 'cannot store the source', { found })
    }
  }

  async #fetchInto(artifact: SourceArtifact): Promise<Unpacked> {
    await mkdir(this.#folder, { recursive: true })
    const folder = await mkdtemp(path.join(this.#folder, 'source-'))
    const [archive, files] = [path.join(folder, 'archive'), path.join(folder, 'files')]
    const { signal } = this.#end
    try {
      await this.#downloading.run(async () => {
        signal.throwIfAborted()
        this.downloads += 1
        await download(artifact, archive, this.#limits.download, signal)
      })
      await mkdir(files)
      const bytes = await this.#unpacking.run(() => this.#unpack(artifact, archive, files))
      await rm(archive)
      return { files, bytes }
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  async #unpack(artifact: SourceArtifact, archive: string, files: string): Promise<number> {
    const { signal } = this.#end
    signal.throwIfAborted()
    try {
      return await unpack(archive, files, this.#limits.unpack, signal)
    } catch (error) {
      if (isFault(error)) this.#refuse(artifact, error)
      throw error
    }
  }

  #refuse(artifact: SourceArtifact, fault: Fault): void {
    this.#refused.set(keyOf(artifact), fault)
    const [oldest] = this.#refused.keys()
    if (this.#refused.size > maxRefused && oldest !== undefined) this.#refused.delete(oldest)
  }

  /** Removes idle entries beyond the limits, least recently used first. */
  async #evict(): Promise<void> {
    const { maxIdle, maxIdleBytes, maxDownloads } = this.#limits
    const idle = [...this.#entries].reverse().filter(([, entry]) => isIdle(entry))
    const unused = idle.filter(([, { isUsed }]) => !isUsed)
    const surplus = unused.slice(maxDownloads)
    let [count, bytes] = [0, 0]
    for (const each of idle.filter(([, { isUsed }]) => isUsed)) {
      count += 1
      bytes += each[1].bytes ?? 0
      if (count > maxIdle || bytes > maxIdleBytes) surplus.push(each)
    }
    for (const [key] of surplus) this.#entries.delete(key)
    for (const [, { unpacked }] of surplus) {
      const { files } = await unpacked
      // A failing disk must not fail the render; the next start removes the folder.
      await rm(path.dirname(files), { recursive: true, force: true }).catch(() => undefined)
    }
  }
}

function isIdle({ users, bytes }: Entry): boolean {
  return users === 0 && bytes !== undefined
}
