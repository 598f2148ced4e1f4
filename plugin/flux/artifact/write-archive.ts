import { gzipSync } from 'node:zlib'
import { Fault } from '../../../common/fault.ts'

const blockBytes = 512
const maxNameBytes = 100
/** kustomize-controller, which is not root, rewrites the file: its owner must be able to write it. */
const fileMode = 0o600

/**
 * Writes a tar.gz of files: ustar, sorted by name, without times, owners and folders. The same files give
 * the same bytes with the same zlib. Source of what consumers accept: fluxcd/pkg tar/untar.go.
 *
 * @param files contents by name; names are relative, at most 100 bytes, without `\` and `../`
 * @throws {Fault} `ARCHIVE_NAME`
 */
export function writeArchive(files: ReadonlyMap<string, Buffer>): Buffer {
  const names = [...files.keys()].sort()
  const blocks = names.flatMap(name => {
    const content = files.get(name) ?? Buffer.alloc(0)
    const padding = Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)
    return [header(name, content.length), content, padding]
  })
  const tar = Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)])
  return gzipSync(tar, { level: 9 })
}

function header(name: string, size: number): Buffer {
  const isRefused = name === '' || /^\/|\\|\.\.\//.test(name)
  if (isRefused || Buffer.byteLength(name) > maxNameBytes) {
    throw new Fault('ARCHIVE_NAME', 'a file name is not allowed in an artifact', {
      found: JSON.stringify(name.slice(0, 120))
    })
  }
  const block = Buffer.alloc(blockBytes)
  block.write(name, 0)
  octal(block, fileMode, 100, 8)
  octal(block, 0, 108, 8)
  octal(block, 0, 116, 8)
  octal(block, size, 124, 12)
  octal(block, 0, 136, 12)
  block.write('0', 156)
  block.write('ustar\u000000', 257)
  block.write(' '.repeat(8), 148)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function octal(block: Buffer, value: number, offset: number, length: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset)
}
