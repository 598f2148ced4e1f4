import { textAnswer } from '../../../service/http/answer.ts'
import type { Route } from '../../../service/http/router.ts'
import type { ArtifactStore } from './artifact-store.ts'

/** Where artifacts are served. */
export const artifactsPath = '/artifacts/'

/**
 * Serves artifacts by name; there is no listing. What is not there is 404, which kustomize-controller
 * takes for "not ready yet" and asks again for, where it would hold a worker for a 5xx.
 *
 * @param missed is told of a name that was asked for in vain
 */
export function artifactRoute(store: ArtifactStore, missed: (file: string) => void): Route {
  return {
    method: 'GET',
    path: `${artifactsPath}*`,
    handler: ({ segment = '' }) => {
      const body = store.read(segment)
      if (body === undefined) {
        missed(segment)
        return textAnswer(404, 'there is no such artifact')
      }
      return {
        status: 200,
        contentType: 'application/gzip',
        body,
        headers: { 'Cache-Control': 'public, max-age=31536000, immutable' }
      }
    }
  }
}
