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

/**
 * Reads a body of at most `limitBytes`. The declared length is judged before a byte is read, and no
 * more than the limit is ever held. The bytes held are counted in `load` until {@link Load.leave}.
 */
export function readBody(
  request: IncomingMessage,
  limitBytes: number,
  load: Load
): Promise<BodyResult> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > limitBytes) return Promise.resolve({ kind: 'too-large' })
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    let heldBytes = 0
    const finish = (result: BodyResult) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      if (result.kind !== 'read') load.release(heldBytes)
      resolve(result)
    }
    const onData = (chunk: Buffer) => {
      if (heldBytes + chunk.length > limitBytes) {
        finish({ kind: 'too-large' })
        return
      }
      if (!load.reserve(chunk.length)) {
        finish({ kind: 'overloaded' })
        return
      }
      heldBytes += chunk.length
      chunks.push(chunk)
    }
    const onEnd = () => {
      finish({ kind: 'read', bytes: join(chunks, heldBytes) })
    }
    const onClose = () => {
      finish({ kind: 'aborted' })
    }
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}

function join(chunks: readonly Buffer[], bytes: number): Buffer {
  const [first] = chunks
  if (first === undefined) return empty
  return chunks.length === 1 ? first : Buffer.concat(chunks, bytes)
}
