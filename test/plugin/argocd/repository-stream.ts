import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as tar from 'tar'

/** The stream of a repository to argocd-cmp-server: a message of metadata, then a gzipped tar in chunks. */
export interface RepositoryStream {
  readonly checksum: string
  readonly size: number
  readonly chunks: readonly Buffer[]
}

const chunkBytes = 1024

/** Packs a folder as repo-server does, `.git` included. Source: argo-cd util/io/files/tar.go, Tgz. */
export async function packRepository(folder: string): Promise<RepositoryStream> {
  const parts: Buffer[] = []
  const names = readdirSync(folder)
  for await (const part of tar.create({ gzip: true, cwd: folder, portable: true }, names))
    parts.push(part)
  return streamOf(Buffer.concat(parts))
}

/** The stream of any archive. */
export function streamOf(archive: Buffer): RepositoryStream {
  const count = Math.ceil(archive.length / chunkBytes)
  const chunks = Array.from({ length: count }, (_, index) =>
    archive.subarray(index * chunkBytes, (index + 1) * chunkBytes)
  )
  const checksum = createHash('sha256').update(archive).digest('hex')
  return { checksum, size: archive.length, chunks }
}

/**
 * Unpacks a stream into an existing folder, without modes and times. Accepts only files, folders and links
 * inside the folder.
 * Source: argo-cd util/cmp/stream.go, ReceiveRepoStream, and util/io/files/tar.go, Untgz.
 *
 * @throws {Error} for a wrong digest or an entry that leaves the folder
 */
export async function unpackRepository(stream: RepositoryStream, folder: string): Promise<void> {
  const archive = Buffer.concat(stream.chunks)
  const found = createHash('sha256').update(archive).digest('hex')
  if (found !== stream.checksum || archive.length !== stream.size) {
    throw new Error(`file checksum mismatch: expected ${stream.checksum}, got ${found}`)
  }
  mkdirSync(folder, { recursive: true })
  const file = path.join(path.dirname(folder), `${path.basename(folder)}.tgz`)
  writeFileSync(file, archive)
  try {
    const entries: tar.ReadEntry[] = []
    await tar.list({ file, strict: true, onReadEntry: entry => entries.push(entry) })
    for (const entry of entries) checkEntry(entry, folder)
    await tar.extract({ cwd: folder, file, noMtime: true, strict: true })
    stripModes(folder)
  } finally {
    rmSync(file)
  }
}

function checkEntry(entry: tar.ReadEntry, folder: string): void {
  const at = path.resolve(folder, entry.path)
  const isInside = (target: string) => target === folder || target.startsWith(folder + path.sep)
  if (path.isAbsolute(entry.path) || !isInside(at))
    throw new Error(`illegal filepath in archive: ${entry.path}`)
  if (entry.type === 'SymbolicLink') {
    const target = path.resolve(path.dirname(at), entry.linkpath ?? '')
    if (!isInside(target)) throw new Error(`illegal filepath in symlink: ${entry.linkpath ?? ''}`)
  } else if (!['File', 'OldFile', 'Directory'].includes(entry.type)) {
    throw new Error(`unsupported entry type ${entry.type}`)
  }
}

function stripModes(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const entryPath = path.join(folder, entry.name)
    if (entry.isDirectory()) stripModes(entryPath)
    else if (entry.isFile()) chmodSync(entryPath, 0o644)
  }
}
