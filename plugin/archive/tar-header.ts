import { Fault } from '../../common/fault.ts'

/** One header of a tar archive. */
export interface TarHeader {
  readonly name: string
  readonly size: number
  /** The type flag: `0` a file, `5` a folder, `x` and `g` pax records, `L` a long name. */
  readonly type: string
}

export const blockBytes = 512

/**
 * Reads a header block; undefined for the block of zeros that ends an archive.
 * Source: POSIX.1-2017 pax, ustar interchange format; GNU tar's base-256 sizes.
 *
 * @throws {Fault} `SOURCE_ARCHIVE` for a wrong checksum or size
 */
export function readTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every(byte => byte === 0)) return undefined
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (parseOctal(block, 148, 8) !== sum) {
    throw new Fault('SOURCE_ARCHIVE', 'a header of the archive is damaged')
  }
  const isUstar = block.toString('latin1', 257, 262) === 'ustar'
  const prefix = isUstar && block[262] === 0 ? text(block, 345, 155) : ''
  const name = text(block, 0, 100)
  const flag = block.toString('latin1', 156, 157)
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: sizeOf(block),
    type: flag === '\0' ? '0' : flag
  }
}

function sizeOf(block: Buffer): number {
  const first = block[124] ?? 0
  const size =
    (first & 0x80) === 0
      ? parseOctal(block, 124, 12)
      : Number(block.readBigUInt64BE(128) & 0x7fffffffffffffffn)
  if (Number.isSafeInteger(size)) return size
  throw new Fault('SOURCE_ARCHIVE', 'the size of an archive entry is invalid')
}

function parseOctal(block: Buffer, offset: number, length: number): number {
  const digits = text(block, offset, length).trim()
  if (digits === '') return 0
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : NaN
}

function text(block: Buffer, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end === -1 ? length : end)
}

/** Reads the records of a pax header, `LENGTH KEYWORD=VALUE\n`, by keyword. @throws {Fault} `SOURCE_ARCHIVE` */
export function readPaxRecords(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at)
    const length = Number(bytes.toString('latin1', at, space === -1 ? at : space))
    const record = bytes.toString('utf8', space + 1, at + length - 1)
    const equals = record.indexOf('=')
    if (space === -1 || !Number.isInteger(length) || length <= space + 1 - at || equals === -1) {
      throw new Fault('SOURCE_ARCHIVE', 'an extended header of the archive is damaged')
    }
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}
