import type { JsonObject } from '../common/json.ts'
import { crdStatus } from './crd-status.ts'

const text = (description: string) => ({ description, type: 'string' })

const common = crdStatus(
  'What is published, and the state of the release.',
  "Ready, Reconciling and Stalled as in kstatus; ArtifactInStorage as in Flux's sources."
)

const own: JsonObject = {
  lastHandledReconcileAt: text(
    'The last value of the annotation reconcile.fluxcd.io/requestedAt that was handled.'
  ),
  lastAttemptedRevision: text('The revision of the source that was last rendered or attempted.'),
  inventory: {
    description: 'The published ExternalArtifacts.',
    type: 'array',
    items: {
      type: 'object',
      properties: {
        name: text('Its name.'),
        namespace: text('Its namespace.'),
        revision: text('The revision of its content.'),
        digest: text('The digest of its file.'),
        originRevision: text('The revision of the source from which it was rendered.')
      }
    }
  }
}

/** The status of a ModelRelease. */
export const releaseStatus: JsonObject = {
  ...common,
  properties: { ...own, ...(common.properties as JsonObject) }
}
