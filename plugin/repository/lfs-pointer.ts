import { Fault } from '../../common/fault.ts'

/** The first line of a pointer. Source: the specification of git-lfs, with its older name. */
const firstLine = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\r?\n/
/** A pointer is smaller than this. Source: the specification of git-lfs. */
const maxBytes = 1024

/**
 * Refuses the pointer that a checkout without Git LFS has in place of a file.
 *
 * @param nameOf returns the file's name in messages
 * @throws {Fault} `FILE_NOT_CHECKED_OUT`
 */
export function refusePointer(content: string | Buffer, nameOf: () => string): void {
  if (!isPointer(content)) return
  throw new Fault('FILE_NOT_CHECKED_OUT', 'the file is a Git LFS pointer, not its content', {
    where: nameOf(),
    remedy:
      'Run git lfs pull; in Argo CD or Flux, enable Git LFS for the repository, or keep the file out of LFS.'
  })
}

/**
 * The SHA-256 of the file that a pointer stands for, in hexadecimal digits; undefined for any other content.
 * Source: the specification of git-lfs.
 */
export function pointedDigest(content: Buffer): string | undefined {
  return isPointer(content)
    ? /^oid sha256:([0-9a-f]{64})\r?$/m.exec(content.toString())?.[1]
    : undefined
}

function isPointer(content: string | Buffer): boolean {
  if (content.length >= maxBytes) return false
  const text = content.toString()
  return firstLine.test(text.replace(/^\uFEFF/, '')) && /^oid /m.test(text)
}
