import type { IncomingMessage } from 'node:http'
import type { Load } from './load.ts'

/** How reading a body ended. */
export type BodyResult =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  /** More than the limit, declared or sent. */
  | { readonly kind: 'too-large' }
  /** The server holds as many bytes of other bodies as it may. */
  | { readonly kind: 'overloaded' }
  /** The client went away before the end. */
  | { readonly kind: 'aborted' }

const empty = Buffer.alloc(0)

/** What reading a body is bounded by. */
export interface BodyBounds {
  readonly limitBytes: number
  /** Counts the bytes held, until {@link Load.leave} gives them back. */
  readonly load: Load
}

/**
 * Reads a body and calls `done` once. The declared length is judged before a byte is read, and no more
 * than the limit is ever held.
 */
export function readBody(
  request: IncomingMessage,
  { limitBytes, load }: BodyBounds,
  done: (result: BodyResult) => void
): void {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > limitBytes) {
    done({ kind: 'too-large' })
    return
  }
  const chunks: Buffer[] = []
  let heldBytes = 0
  let isDone = false
  const finish = (result: BodyResult) => {
    isDone = true
    if (result.kind !== 'read') load.release(heldBytes)
    done(result)
  }
  request.on('data', (chunk: Buffer) => {
    if (isDone) return
    if (heldBytes + chunk.length > limitBytes) finish({ kind: 'too-large' })
    else if (!load.reserve(chunk.length)) finish({ kind: 'overloaded' })
    else {
      heldBytes += chunk.length
      chunks.push(chunk)
    }
  })
  request.on('end', () => {
    if (!isDone) finish({ kind: 'read', bytes: join(chunks, heldBytes) })
  })
  // Node destroys a request that nobody listens to the errors of without an error: it only closes.
  request.on('close', () => {
    if (!isDone) finish({ kind: 'aborted' })
  })
}

function join(chunks: readonly Buffer[], bytes: number): Buffer {
  const [first] = chunks
  if (first === undefined) return empty
  return chunks.length === 1 ? first : Buffer.concat(chunks, bytes)
}
