import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip, gzipSync } from 'node:zlib'
import { writeArchive } from '../../plugin/flux/artifact/write-archive.ts'

const gibi = 1024 ** 3

/** A header of a tar archive; sizes beyond eight gigabytes in base 256, as GNU tar writes them. */
export function tarHeader(name: string, { size = 0, type = '0' } = {}): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0, 100)
  block.write('0000644\0', 100)
  if (size < 8 * gibi) block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  else {
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(size), 128)
  }
  block.write('00000000000\0', 136)
  block.write(type, 156)
  block.write('ustar\u000000', 257)
  block.write(' '.repeat(8), 148)
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** Ten gibibytes of zeros in one file of an archive: ten members of gzip with one each. */
export function bomb(): Buffer {
  const zeros = gzipSync(Buffer.alloc(gibi), { level: constants.Z_BEST_COMPRESSION })
  const header = gzipSync(tarHeader('app/zeros.yaml', { size: 10 * gibi }))
  return Buffer.concat([header, ...Array.from({ length: 10 }, () => zeros)])
}

/** Writes an archive of a million empty files. */
export async function writeManyEntries(file: string): Promise<void> {
  await pipeline(Readable.from(emptyFiles(1_000_000)), createGzip(), createWriteStream(file))
}

function* emptyFiles(count: number): Generator<Buffer> {
  for (let at = 0; at < count; at += 1_000) {
    yield Buffer.concat(
      Array.from({ length: 1_000 }, (_, more) => tarHeader(`app/${at + more}.txt`))
    )
  }
  yield Buffer.alloc(1_024)
}

/** An archive with one entry that is neither a file nor a folder, or that leaves its folder. */
export function oneEntry(name: string, type: string): Buffer {
  return gzipSync(Buffer.concat([tarHeader(name, { type }), Buffer.alloc(1_024)]))
}

/** Templates within every limit of size, whose loops run for minutes. */
export function endlessTemplates(): Buffer {
  const loop = '{{#each .Values.list}}'.repeat(5) + 'x' + '{{/each}}'.repeat(5)
  const files = Array.from({ length: 500 }, (_, at) => {
    return [`models/churn-prediction/${at}.yaml`, Buffer.from(`# ${loop}\n`.repeat(8))] as const
  })
  return writeArchive(
    new Map([
      ['configs/staging.yaml', Buffer.from('list: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n')],
      ...files
    ])
  )
}
