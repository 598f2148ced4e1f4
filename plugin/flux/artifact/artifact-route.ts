import { overloaded, textAnswer } from '../../../service/http/answer.ts'
import type { Route } from '../../../service/http/route.ts'
import type { ArtifactStore } from './artifact-store.ts'

/** Where artifacts are served. */
export const artifactsPath = '/artifacts/'

/** What is held for clients that take their time. */
export interface SendingLimits {
  /** Of artifacts that are being sent, together; the last one may go beyond it. */
  readonly maxBytes: number
  /** Of one answer; then the connection is cut. */
  readonly maxMs: number
}

/** 64 MiB, a minute. */
export const defaultSendingLimits: SendingLimits = { maxBytes: 64 * 1024 * 1024, maxMs: 60_000 }

/**
 * Serves artifacts by name; there is no listing. What is not there is 404, which kustomize-controller
 * takes for "not ready yet" and asks again for, where it would hold a worker for a 5xx.
 *
 * @param missed is told of a name that was asked for in vain
 */
export function artifactRoute(
  store: ArtifactStore,
  missed: (file: string) => void,
  { maxBytes, maxMs }: SendingLimits = defaultSendingLimits
): Route {
  let sendingBytes = 0
  return {
    method: 'GET',
    path: `${artifactsPath}:file`,
    handler: request => {
      if (sendingBytes >= maxBytes) return overloaded('too much is being sent; repeat it')
      const { file = '' } = request.params
      const body = store.read(file)
      if (body === undefined) {
        missed(file)
        return textAnswer(404, 'there is no such artifact')
      }
      sendingBytes += body.length
      request.whenSent(maxMs, () => {
        sendingBytes -= body.length
      })
      return {
        status: 200,
        contentType: 'application/gzip',
        body,
        headers: { 'Cache-Control': 'public, max-age=31536000, immutable' }
      }
    }
  }
}
