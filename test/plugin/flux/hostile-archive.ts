import { gzipSync } from 'node:zlib'

/** One entry of a hostile archive. */
export interface Entry {
  readonly name: string
  readonly type?: string
  readonly content?: string | Buffer
  /** The size field of the header, instead of the real size. */
  readonly size?: string
  readonly checksum?: string
}

/** A tar.gz with exactly these headers and contents, valid or not. */
export function archiveOf(entries: readonly Entry[], end = Buffer.alloc(1024)): Buffer {
  return gzipSync(Buffer.concat([...entries.flatMap(blocksOf), end]))
}

function blocksOf({ name, type = '0', content = '', size, checksum }: Entry): readonly Buffer[] {
  const bytes = Buffer.from(content)
  const block = Buffer.alloc(512)
  block.write(name, 0, 100)
  block.write('0000644\0', 100)
  block.write(size ?? `${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
  block.write('00000000000\0', 136)
  block.write(type, 156)
  block.write('ustar\u000000', 257)
  block.write(' '.repeat(8), 148)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return [block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]
}

/** A record of a pax header. */
export function paxRecord(keyword: string, value: string): string {
  const rest = ` ${keyword}=${value}\n`
  let length = rest.length + 1
  while (`${length}`.length + rest.length !== length) length += 1
  return `${length}${rest}`
}
