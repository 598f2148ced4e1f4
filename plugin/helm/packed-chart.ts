import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Fault, isFault } from '../../common/fault.ts'
import { isJsonObject } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { blockBytes, readPaxRecords, readTarHeader } from '../archive/tar-header.ts'
import type { TarHeader } from '../archive/tar-header.ts'

const maxBytes = 64 * 1024 * 1024

/**
 * The files of a packed chart (`.tgz`), by their path in the chart. As in Helm, the folder of the archive can
 * have any name.
 *
 * @param name of the archive in messages
 * @throws {Fault} `CHART_INVALID` for an archive that cannot be read, is too large or has a file twice
 */
export function packedFiles(archive: Buffer, name: string): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const entry of entriesOf(archive, name)) {
    const [, ...inside] = entry.name.split(entry.name.includes('\\') ? '\\' : '/')
    const file = path.posix.normalize(inside.join('/'))
    if (file === '.' || file.endsWith('/')) continue
    if (files.has(file)) throw invalid(name, `two files ${JSON.stringify(file.slice(0, 120))}`)
    files.set(file, entry.content)
  }
  return files
}

/**
 * Reads the Chart.yaml of a packed chart.
 *
 * @returns undefined if there is none
 * @throws {Fault} as {@link packedFiles}; `YAML_*`
 */
export function packedMetadata(archive: Buffer, name: string): JsonObject | undefined {
  const content = packedFiles(archive, name).get('Chart.yaml')
  if (content === undefined) return undefined
  const file = `${name}: Chart.yaml`
  const [document] = readYaml(content.toString('utf8'), { file, literalKeys: true })
  return isJsonObject(document?.value) ? document.value : undefined
}

interface Entry {
  readonly name: string
  readonly content: Buffer
}

function entriesOf(archive: Buffer, name: string): readonly Entry[] {
  try {
    return readEntries(gunzipSync(archive, { maxOutputLength: maxBytes }))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') throw invalid(name, `more than ${maxBytes} bytes`)
    if (isFault(error)) throw invalid(name, error.message)
    if (code?.startsWith('Z_') === true) throw invalid(name, code)
    throw error
  }
}

function readEntries(tar: Buffer): readonly Entry[] {
  const entries: Entry[] = []
  let extended: Partial<TarHeader> = {}
  for (let at = 0; at + blockBytes <= tar.length;) {
    const header = readTarHeader(tar.subarray(at, at + blockBytes))
    if (header === undefined) break
    const isExtension = 'xgLK'.includes(header.type)
    const { name, size } = isExtension ? header : { ...header, ...extended }
    const content = tar.subarray(at + blockBytes, at + blockBytes + size)
    if (!isExtension) entries.push({ name, content })
    extended = isExtension ? { ...extended, ...readExtension(header.type, content) } : {}
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes
  }
  return entries
}

function readExtension(type: string, content: Buffer): Partial<TarHeader> {
  if (type === 'L') return { name: content.toString('utf8').replace(/\0.*$/s, '') }
  if (type !== 'x') return {}
  const records = readPaxRecords(content)
  const [name, size] = [records.get('path'), records.get('size')]
  return {
    ...(name !== undefined && { name }),
    ...(size !== undefined && /^\d{1,15}$/.test(size) && { size: Number(size) })
  }
}

function invalid(name: string, found: string): Fault {
  return new Fault('CHART_INVALID', 'the packed chart cannot be read', {
    where: name,
    found,
    remedy: 'Run helm dependency update, and commit charts/.'
  })
}
