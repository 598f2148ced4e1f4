import { overloaded, textAnswer } from '../../../service/http/answer.ts'
import type { Route } from '../../../service/http/route.ts'
import type { ArtifactStore } from './artifact-store.ts'

/** Where artifacts are served. */
export const artifactsPath = '/artifacts/'

/** Limits of answers to slow clients. */
export interface SendingLimits {
  /** Total size of the artifacts that are being sent; the last one may exceed it. */
  readonly maxBytes: number
  /** Time for one answer; then the connection is closed. */
  readonly maxMs: number
}

/** 64 MiB, a minute. */
export const defaultSendingLimits: SendingLimits = { maxBytes: 64 * 1024 * 1024, maxMs: 60_000 }

/**
 * Serves artifacts by name, without a listing. A missing file is 404: kustomize-controller reads it as
 * "not ready yet" and retries later, whereas a 5xx would block one of its workers.
 *
 * @param missed is called with the name of a file that does not exist
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
      if (sendingBytes >= maxBytes)
        return overloaded('too many artifacts are being sent; retry later')
      const { file = '' } = request.params
      const body = store.read(file)
      if (body === undefined) {
        missed(file)
        return textAnswer(404, 'the artifact does not exist')
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
