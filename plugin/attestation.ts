import { Fault } from '../common/fault.ts'
import type { RegistryKind } from '../evidence/workload/registry.ts'
import { describeIdentity, identify } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { isAttested } from './stage/attest.ts'

/** Whether a render signs its objects, or why not. */
export type Attestation =
  | { readonly kind: 'signed' }
  | { readonly kind: 'no-key' }
  /** Files differ from the commit; their names in messages. */
  | { readonly kind: 'changed'; readonly files: readonly string[] }
  | { readonly kind: 'preview' }

/** A message about objects that are not attested. */
export interface AttestationNotice {
  readonly severity: 'warning' | 'info'
  readonly message: string
}

/** The message for people; undefined if the objects are attested. */
export function attestationNotice(attestation: Attestation): AttestationNotice | undefined {
  if (attestation.kind === 'signed') return undefined
  if (attestation.kind === 'no-key')
    return { severity: 'info', message: `not attested: ${notAttestedReason(attestation)}` }
  const message = `${notAttestedReason(attestation)}: stamped mlgitops.io/git-dirty, not attested`
  return { severity: 'warning', message }
}

/**
 * Refuses a render in which an object that has to be attested is not.
 *
 * @param keyPlace where a key would be named; undefined if nothing has to be attested
 * @throws {Fault} `SIGNATURE_REQUIRED` with the files and the reason
 */
export function requireAttestation(
  manifests: readonly Manifest[],
  attestation: Attestation,
  kinds: readonly RegistryKind[],
  keyPlace: KeyPlace | undefined
): void {
  if (keyPlace === undefined || attestation.kind === 'signed') return
  const missing = manifests.filter(({ object }) => isAttested(object, kinds))
  const [first] = missing
  if (first === undefined) return
  const objects = missing.map(({ object }) => describeIdentity(identify(object)))
  throw new Fault(
    'SIGNATURE_REQUIRED',
    `objects are not attested: ${notAttestedReason(attestation, keyPlace)}`,
    {
      where: first.where(),
      found: listFiles(objects),
      remedy: {
        'no-key': keyPlaces[keyPlace].remedy,
        changed: 'Commit or restore the files, or have Git ignore those that no render reads.',
        preview: 'Render a commit: a preview is never attested.'
      }[attestation.kind]
    }
  )
}

/** Where a render's key is named: by options of the command, or of a ModelRelease and its controller. */
export type KeyPlace = 'by options' | 'of release'

const keyPlaces = {
  'by options': {
    names: '--key',
    remedy: 'Name a signing key: --key, or MLGITOPS_SIGNING_KEY_FILE.'
  },
  'of release': {
    names: 'spec.signing, --signer',
    remedy: 'Name the Secret of a key in spec.signing, or start the controller with --signer.'
  }
} as const satisfies Record<KeyPlace, unknown>

/** Why a render attests nothing: a clause. */
export function notAttestedReason(
  attestation: Exclude<Attestation, { kind: 'signed' }>,
  keyPlace: KeyPlace = 'by options'
): string {
  switch (attestation.kind) {
    case 'no-key':
      return `no signing key (${keyPlaces[keyPlace].names})`
    case 'changed':
      return `the work tree differs from its commit in ${listFiles(attestation.files)}`
    case 'preview':
      return 'a preview is not of a commit'
  }
}

const maxNames = 8

function listFiles(names: readonly string[]): string {
  const shown = names.slice(0, maxNames).map(name => name.slice(0, 200))
  const rest = names.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}
