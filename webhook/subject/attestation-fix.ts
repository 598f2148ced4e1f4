import { annotations } from '../../evidence/annotations.ts'
import { annotationOf } from './subject.ts'
import type { Subject } from './subject.ts'

/** The fix for what is not the object that was rendered and signed. */
export const fixByRender =
  'deploy the object that mlgitops rendered and signed, through Argo CD or Flux'

/** The fix for an object without an attestation. The render's own annotations say why it has none. */
export function fixOfAbsence(subject: Pick<Subject, 'object'>): string {
  if (annotationOf(subject, annotations.gitDirty) === 'true') {
    return `commit or restore the files that differed from the commit (${annotations.gitDirty}), and render again: only a clean tree is attested`
  }
  if (annotationOf(subject, annotations.gitCommit) !== undefined) {
    return 'render it with a signing key (--key or --signer, docs/keys.md), and deploy that'
  }
  return fixByRender
}

/** The fix for a signature that no trusted key made. */
export function fixOfDistrust(trustedKeys: number, reason: string): string {
  if (trustedKeys === 0) return 'name the public key of the signer with --keys'
  return reason.startsWith('the key that signed it expired')
    ? 'render again with a key that has not expired'
    : 'render with a trusted key, or add the public key of the signer to --keys'
}

/** The fix for an attestation of this object in another namespace, or in none. */
export function fixOfNamespace(namespace: string): string {
  return namespace === ''
    ? 'render with the destination namespace (--namespace), or write it into the manifest'
    : `render with the destination namespace (--namespace ${namespace}), or write it into the manifest`
}
