import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Fault } from '../../common/fault.ts'

const timeoutMs = 300_000

/**
 * Reads an artifact to its end and compares its SHA-256 with the digest that the result claims.
 *
 * @returns the digest of what was read
 * @throws {Fault} `ARTIFACT_MISSING`, `ARTIFACT_DIGEST`, `ARTIFACT_SCHEME` for an address that cannot be read here
 */
export async function checkArtifact(uri: string, claimed: string | undefined): Promise<string> {
  const read = readers[new URL(uri).protocol]
  if (read === undefined) {
    throw new Fault('ARTIFACT_SCHEME', 'artifacts of this kind cannot be read here', {
      found: `${uri.split(':', 1)[0] ?? ''}:`,
      expected: Object.keys(readers).join(', '),
      remedy: 'Give --no-artifact-check: the commit says that nobody looked.'
    })
  }
  const hash = createHash('sha256')
  for await (const part of await read(uri)) hash.update(part)
  const digest = `sha256:${hash.digest('hex')}`
  if (claimed !== undefined && claimed !== digest) {
    throw new Fault('ARTIFACT_DIGEST', 'the artifact is not the one that the result names', {
      where: uri,
      found: digest,
      expected: claimed
    })
  }
  return digest
}

type Parts = AsyncIterable<Uint8Array>

const readers: Readonly<Record<string, ((uri: string) => Parts | Promise<Parts>) | undefined>> = {
  'file:': readFileParts,
  'http:': readHttp,
  'https:': readHttp
}

async function* readFileParts(uri: string): Parts {
  try {
    for await (const part of createReadStream(fileURLToPath(uri))) yield part as Uint8Array
  } catch (error) {
    throw missing(uri, (error as NodeJS.ErrnoException).code ?? 'unreadable')
  }
}

async function* readHttp(uri: string): Parts {
  let answer: Response
  try {
    answer = await fetch(uri, { signal: AbortSignal.timeout(timeoutMs) })
  } catch {
    throw missing(uri, 'no answer')
  }
  if (!answer.ok || answer.body === null) {
    await answer.body?.cancel()
    throw missing(uri, `status ${answer.status}`)
  }
  try {
    for await (const part of answer.body) yield part as Uint8Array
  } catch {
    throw missing(uri, 'the answer ends early')
  }
}

function missing(uri: string, found: string): Fault {
  return new Fault('ARTIFACT_MISSING', 'the artifact cannot be read', {
    where: uri,
    found,
    remedy: 'Write the artifact before it is registered.'
  })
}
