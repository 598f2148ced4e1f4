import type { JsonObject } from '../common/json.ts'
import { crdStatus } from './crd-status.ts'

const text = (description: string) => ({ description, type: 'string' })

const common = crdStatus(
  'What is published, and how the release stands.',
  'Ready, Reconciling and Stalled as kstatus reads them; ArtifactInStorage as the sources of Flux have it.'
)

const beside: JsonObject = {
  lastHandledReconcileAt: text(
    'The annotation reconcile.fluxcd.io/requestedAt that was followed last.'
  ),
  lastAttemptedRevision: text('The revision of the source that was rendered last, or tried.'),
  inventory: {
    description: 'The ExternalArtifacts that are published.',
    type: 'array',
    items: {
      type: 'object',
      properties: {
        name: text('Its name.'),
        namespace: text('Its namespace.'),
        revision: text('The revision of its content.'),
        digest: text('The digest of its file.'),
        originRevision: text('The revision of the source that it was rendered from.')
      }
    }
  }
}

/** The status of a ModelRelease. */
export const releaseStatus: JsonObject = {
  ...common,
  properties: { ...beside, ...(common.properties as JsonObject) }
}
