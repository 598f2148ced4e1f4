import { batchPayloadType, buildBatch } from './batch.ts'
import { signEnvelope } from './dsse.ts'
import type { Envelope } from './dsse.ts'
import { preAuthenticationEncoding } from './encoding.ts'
import type { Key } from './key.ts'

/** Something that signs outside of this process, with a key that is not here. */
export interface Signer {
  readonly keyId: string
  /**
   * Signs a message, and has verified the signature.
   *
   * @param signal stops it
   * @throws {Fault} `SIGNER_*`
   */
  readonly sign: (message: Uint8Array, signal?: AbortSignal) => Promise<Uint8Array>
}

/** How a render is signed. */
export type Signing =
  { readonly kind: 'key'; readonly key: Key } | { readonly kind: 'signer'; readonly signer: Signer }

/**
 * Signs payloads of one type and returns an envelope for each, in their order. A key signs each alone; a
 * signer, which takes milliseconds, signs the root of a tree over all of them once.
 *
 * @throws {Fault} as {@link Signer}
 */
export async function signPayloads(
  payloads: readonly Uint8Array[],
  payloadType: string,
  signing: Signing
): Promise<readonly Envelope[]> {
  if (payloads.length === 0) return []
  if (signing.kind === 'key') {
    return payloads.map(payload => signEnvelope(payload, payloadType, signing.key))
  }
  const { signer } = signing
  const batch = buildBatch(payloads, payloadType)
  const signature = await signer.sign(preAuthenticationEncoding(batchPayloadType, batch.payload))
  const signed = {
    payload: batch.payload.toString('base64'),
    payloadType: batchPayloadType,
    signatures: [{ keyid: signer.keyId, sig: Buffer.from(signature).toString('base64') }]
  }
  return batch.leaves.map(leaf => ({ ...signed, leaf }))
}
