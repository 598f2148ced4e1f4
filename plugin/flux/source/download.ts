import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Fault } from '../../../common/fault.ts'
import type { SourceArtifact } from './source-artifact.ts'

/** How long and how much a download may take. */
export interface DownloadLimits {
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** As source-controller registers them, without BLAKE3, which Node's OpenSSL lacks. */
const algorithms = new Set(['sha256', 'sha384', 'sha512'])

/**
 * Downloads the file of a source and verifies its digest over all bytes before anything reads it.
 *
 * @throws {Fault} `SOURCE_DIGEST`, `SOURCE_TOO_LARGE`, `SOURCE_UNREACHABLE`, `SOURCE_GONE` for a file
 *   that the server no longer has
 */
export async function download(
  { url, digest }: Pick<SourceArtifact, 'url' | 'digest'>,
  file: string,
  limits: DownloadLimits,
  signal: AbortSignal
): Promise<void> {
  const [algorithm = '', expected] = digest.split(':')
  if (!algorithms.has(algorithm)) {
    throw new Fault('SOURCE_DIGEST', 'the digest of the source cannot be verified', {
      found: JSON.stringify(algorithm.slice(0, 40)),
      expected: [...algorithms].join(', ')
    })
  }
  const hash = createHash(algorithm)
  const ended = AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)])
  try {
    const response = await open(url, ended)
    await pipeline(response, measured(hash, limits.maxBytes), createWriteStream(file), {
      signal: ended
    })
  } catch (error) {
    if (error instanceof Fault || signal.aborted) throw error
    const name = (error as NodeJS.ErrnoException).code ?? (error as Error).name
    const found = ended.aborted ? `no end within ${limits.timeoutMs / 1000} s` : name
    throw new Fault('SOURCE_UNREACHABLE', 'the file of the source cannot be downloaded', { found })
  }
  if (hash.digest('hex') === expected) return
  throw new Fault('SOURCE_DIGEST', 'the file of the source is not what its digest says', {
    expected: digest,
    remedy: 'The source may have been replaced meanwhile: it is tried again with its newest status.'
  })
}

function measured(hash: ReturnType<typeof createHash>, maxBytes: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > maxBytes) {
        done(
          new Fault('SOURCE_TOO_LARGE', 'the file of the source is too large', {
            expected: `at most ${maxBytes} bytes`
          })
        )
        return
      }
      hash.update(chunk)
      done(null, chunk)
    }
  })
}

/** Redirects are not followed: the address is the one that the source's status names. */
function open(url: string, signal: AbortSignal): Promise<http.IncomingMessage> {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new Fault('SOURCE_UNREACHABLE', 'the source has no address of HTTP')
  }
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  const { get } = parsed.protocol === 'https:' ? https : http
  const request = get(parsed, { signal, agent: false }, response => {
    if (response.statusCode === 200) {
      resolve(response)
      return
    }
    response.resume()
    const status = String(response.statusCode)
    reject(
      status === '404' || status === '410'
        ? new Fault('SOURCE_GONE', 'the file of the source is not there (any more)')
        : new Fault('SOURCE_UNREACHABLE', 'the file of the source cannot be downloaded', {
            found: `status ${status}`
          })
    )
  })
  request.on('error', reject)
  return promise
}
