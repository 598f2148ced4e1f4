import type { IncomingMessage } from 'node:http'
import { overloaded, textAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Load } from './load.ts'

/** How the reading of a body ended. */
export type BodyResult =
  | { readonly kind: 'read'; readonly body: Buffer }
  /** `answer` is undefined if the client went away. */
  | { readonly kind: 'refused'; readonly answer: Answer | undefined }

/** What limits the reading of a body. */
export interface BodyBounds {
  readonly limitBytes: number
  readonly takesGzip: boolean
  /** Counts the bytes that are held until {@link Load.leave} releases them. */
  readonly load: Load
}

/** Of a request without a body. */
export const noBody = Buffer.alloc(0)

/**
 * Reads a body as it was sent and calls `done` once. A declared length above the limit is refused before
 * a byte is read, and never more than the limit is held.
 */
export function readBody(
  message: IncomingMessage,
  bounds: BodyBounds,
  done: (result: BodyResult) => void
): void {
  const refusal = refusedHeaders(message, bounds)
  if (refusal !== undefined) {
    done({ kind: 'refused', answer: refusal })
    return
  }
  const { limitBytes, load } = bounds
  const chunks: Buffer[] = []
  let heldBytes = 0
  let isDone = false
  const refuse = (answer?: Answer) => {
    isDone = true
    load.release(heldBytes)
    done({ kind: 'refused', answer })
  }
  message.on('data', (chunk: Buffer) => {
    if (isDone) return
    if (heldBytes + chunk.length > limitBytes) refuse(tooLarge(limitBytes))
    else if (!load.reserve(chunk.length)) {
      refuse(overloaded('too many bytes of request bodies are held; retry later'))
    } else {
      heldBytes += chunk.length
      chunks.push(chunk)
    }
  })
  message.on('end', () => {
    if (isDone) return
    isDone = true
    done({ kind: 'read', body: join(chunks, heldBytes) })
  })
  // Without a listener for errors, Node closes an aborted request and emits no error.
  message.on('close', () => {
    if (!isDone) refuse()
  })
}

function refusedHeaders(
  { headers }: IncomingMessage,
  { limitBytes, takesGzip }: BodyBounds
): Answer | undefined {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity' && !(takesGzip && encoding === 'gzip')) {
    return textAnswer(
      415,
      takesGzip ? 'Content-Encoding must be gzip or identity' : 'Content-Encoding is not supported'
    )
  }
  return Number(headers['content-length'] ?? 0) > limitBytes ? tooLarge(limitBytes) : undefined
}

function tooLarge(limitBytes: number): Answer {
  return textAnswer(413, `the body is larger than ${limitBytes} bytes`)
}

function join(chunks: readonly Buffer[], bytes: number): Buffer {
  const [first] = chunks
  if (first === undefined) return noBody
  return chunks.length === 1 ? first : Buffer.concat(chunks, bytes)
}
