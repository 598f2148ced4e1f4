import { createReadStream } from 'node:fs'
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createGunzip } from 'node:zlib'
import { bound, Fault } from '../../../common/fault.ts'
import { ByteReader } from './byte-reader.ts'
import { blockBytes, readPaxRecords, readTarHeader } from '../../archive/tar-header.ts'
import type { TarHeader } from '../../archive/tar-header.ts'

/** Limits of an unpacked source. */
export interface UnpackLimits {
  /** Size of the whole unpacked archive, including headers. */
  readonly maxBytes: number
  readonly maxEntries: number
}

/** A render reads no larger file; of a larger one only the size is kept. */
const maxKeptFileBytes = 8 * 1024 * 1024
const maxExtendedBytes = 64 * 1024
const maxNameCharacters = 1_024
const chunkBytes = 64 * 1024

/** Receives the entries of an archive. */
interface Target {
  addFolder(name: string): Promise<void>
  /** `content` is undefined for a file that is too large to keep. */
  addFile(name: string, size: number, content: Buffer | undefined): Promise<void>
}

/**
 * Unpacks the tar.gz of a source into an empty folder. The archive is untrusted: it may contain only files
 * and folders, and no name that leaves the folder or is duplicated. It is read to its end before anything
 * is written, so that a refused archive leaves no files.
 *
 * @returns size of the whole unpacked archive in bytes
 * @throws {Fault} `SOURCE_ARCHIVE`, `SOURCE_TOO_LARGE`
 */
export async function unpack(
  archive: string,
  folder: string,
  limits: UnpackLimits,
  signal: AbortSignal
): Promise<number> {
  await read(archive, undefined, limits, signal)
  return read(archive, folderTarget(folder), limits, signal)
}

async function read(
  archive: string,
  target: Target | undefined,
  limits: UnpackLimits,
  signal: AbortSignal
): Promise<number> {
  const file = createReadStream(archive, { signal })
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  file.on('error', error => gunzip.destroy(error))
  try {
    const reader = new ByteReader(file.pipe(gunzip), limits.maxBytes)
    await new Unpacking(reader, target, limits).run()
    return reader.seenBytes
  } catch (error) {
    if (error instanceof Fault || signal.aborted) throw error
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    // An error of the disk, not of the archive.
    if (!code.startsWith('Z_')) throw error
    throw new Fault('SOURCE_ARCHIVE', 'cannot unpack the archive', { found: code })
  } finally {
    file.destroy()
    gunzip.destroy()
  }
}

function folderTarget(folder: string): Target {
  return {
    addFolder: async name => {
      await mkdir(path.join(folder, name), { mode: 0o700 })
    },
    addFile: async (name, size, content) => {
      const file = path.join(folder, name)
      await writeFile(file, content ?? '', { flag: 'wx', mode: 0o600 })
      if (content === undefined) await truncate(file, size)
    }
  }
}

class Unpacking {
  readonly #reader: ByteReader
  /** Undefined: the archive is only checked. */
  readonly #target: Target | undefined
  readonly #limits: UnpackLimits
  readonly #files = new Set<string>()
  readonly #folders = new Set<string>()
  #entries = 0

  constructor(reader: ByteReader, target: Target | undefined, limits: UnpackLimits) {
    this.#reader = reader
    this.#target = target
    this.#limits = limits
  }

  async run(): Promise<void> {
    let extended: Partial<TarHeader> = {}
    for (;;) {
      const header = readTarHeader(await this.#reader.take(blockBytes))
      if (header === undefined) return
      this.#entries += 1
      if (this.#entries > this.#limits.maxEntries) {
        throw new Fault('SOURCE_TOO_LARGE', 'the archive has too many entries', {
          expected: `at most ${this.#limits.maxEntries}`
        })
      }
      if ('xgLK'.includes(header.type)) {
        extended = { ...extended, ...(await this.#extended(header)) }
      } else {
        await this.#entry({ ...header, ...extended })
        extended = {}
      }
    }
  }

  async #extended({ type, size }: TarHeader): Promise<Partial<TarHeader>> {
    if (size > maxExtendedBytes) {
      throw new Fault('SOURCE_ARCHIVE', 'an extended header of the archive is too large')
    }
    const bytes = await this.#content(size)
    if (type === 'L') return { name: bytes.toString('utf8').replace(/\0.*$/s, '') }
    // `git archive` writes one for all entries: it contains only the commit.
    if (type !== 'x') return {}
    const records = readPaxRecords(bytes)
    const [name, length] = [records.get('path'), records.get('size')]
    const digits = length === undefined || /^\d{1,15}$/.test(length)
    if (!digits) throw new Fault('SOURCE_ARCHIVE', 'the size of an archive entry is invalid')
    return {
      ...(name === undefined ? {} : { name }),
      ...(length === undefined ? {} : { size: Number(length) })
    }
  }

  async #entry({ name: given, size, type }: TarHeader): Promise<void> {
    const name = safeName(given)
    if (type === '5') {
      await this.#makeFolder(name)
      await this.#reader.skip(paddedSize(size))
      return
    }
    if (type !== '0' && type !== '7') {
      throw new Fault('SOURCE_ARCHIVE', 'the archive has an entry that is not a file or a folder', {
        found: `type ${JSON.stringify(type)} at ${shown(name)}`,
        remedy: 'Links and devices are refused: exclude them from the source.'
      })
    }
    if (name === '.' || this.#files.has(name) || this.#folders.has(name)) {
      throw new Fault('SOURCE_ARCHIVE', `${shown(name)} is duplicated in the archive`)
    }
    await this.#makeFolder(path.posix.dirname(name))
    this.#files.add(name)
    await this.#writeFile(name, size)
  }

  async #writeFile(name: string, size: number): Promise<void> {
    const isKept = size <= maxKeptFileBytes && this.#target !== undefined
    const content = isKept ? await this.#content(size) : undefined
    if (!isKept) await this.#reader.skip(paddedSize(size))
    await this.#target?.addFile(name, size, content)
  }

  async #makeFolder(name: string): Promise<void> {
    if (name === '.' || this.#folders.has(name)) return
    await this.#makeFolder(path.posix.dirname(name))
    if (this.#files.has(name)) {
      throw new Fault('SOURCE_ARCHIVE', `${shown(name)} is both a file and a folder in the archive`)
    }
    this.#folders.add(name)
    await this.#target?.addFolder(name)
  }

  async #content(size: number): Promise<Buffer> {
    const bytes = await this.#reader.take(paddedSize(size))
    return bytes.subarray(0, size)
  }
}

function paddedSize(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes
}

/** Refuses the names that fluxcd/pkg tar/untar.go refuses, and every part `..`. */
function safeName(given: string): string {
  const parts = given.replace(/\/+$/, '').split('/')
  const isRefused =
    given === '' ||
    given.length > maxNameCharacters ||
    given.startsWith('/') ||
    given.includes('\\') ||
    given.includes('\0') ||
    parts.includes('..')
  if (!isRefused) return path.posix.normalize(parts.join('/'))
  throw new Fault('SOURCE_ARCHIVE', 'a name in the archive is outside its folder', {
    found: shown(given)
  })
}

function shown(name: string): string {
  return JSON.stringify(bound(name, 80))
}
