import type { JsonObject } from '../common/json.ts'

const text = (description: string) => ({ description, type: 'string' })

/** What the status of a ModelRelease has beside its conditions. */
export const releaseStatus: JsonObject = {
  lastHandledReconcileAt: text(
    'The annotation reconcile.fluxcd.io/requestedAt that was seen last.'
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
