import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Fault } from '../../../common/fault.ts'
import type { SourceArtifact } from './source-artifact.ts'

/** Limits of one download. */
export interface DownloadLimits {
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** The algorithms of source-controller without BLAKE3, which Node's OpenSSL lacks. */
const algorithms = new Set(['sha256', 'sha384', 'sha512'])

/**
 * Downloads the file of a source and verifies its digest before anything reads it.
 *
 * @throws {Fault} `SOURCE_DIGEST`, `SOURCE_TOO_LARGE`, `SOURCE_UNREACHABLE`, `SOURCE_GONE` if the server
 *   no longer has the file
 */
export async function download(
  { url, digest }: Pick<SourceArtifact, 'url' | 'digest'>,
  file: string,
  limits: DownloadLimits,
  signal: AbortSignal
): Promise<void> {
  const [algorithm = '', expected] = digest.split(':')
  if (!algorithms.has(algorithm)) {
    throw new Fault('SOURCE_DIGEST', 'the digest algorithm of the source is not supported', {
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
    const found = ended.aborted ? `not finished within ${limits.timeoutMs / 1000} s` : name
    throw new Fault('SOURCE_UNREACHABLE', 'cannot download the file of the source', { found })
  }
  if (hash.digest('hex') === expected) return
  throw new Fault('SOURCE_DIGEST', 'the file of the source does not match its digest', {
    expected: digest,
    remedy: 'The source may have changed during the download: retried with its newest status.'
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

/** Starts a GET. Redirects are not followed: only the URL in the source's status is used. */
function open(url: string, signal: AbortSignal): Promise<http.IncomingMessage> {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new Fault('SOURCE_UNREACHABLE', 'the URL of the source is not an http(s) URL')
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
        ? new Fault('SOURCE_GONE', 'the file of the source does not exist (any more)')
        : new Fault('SOURCE_UNREACHABLE', 'cannot download the file of the source', {
            found: `status ${status}`
          })
    )
  })
  request.on('error', reject)
  return promise
}
