import { decodeBase64, preAuthenticationEncoding } from './encoding.ts'
import { buildTree, inclusionProof, leafHash, rootFromProof, rootOf } from './merkle-tree.ts'

/** The type of the payload that one signature over many statements signs. */
export const batchPayloadType = 'application/vnd.mlgitops.batch.v1+json'

/** One payload of a batch, and its place in the tree (docs/decisions/0016-signed-batches.md). */
export interface Leaf {
  /** Standard base64. */
  readonly payload: string
  readonly payloadType: string
  /** From 0. */
  readonly index: number
  /** The hashes from the leaf to the root, in standard base64. */
  readonly proof: readonly string[]
}

/** A batch: the payload that is signed, and a leaf for each payload, in their order. */
export interface Batch {
  readonly payload: Buffer
  readonly leaves: readonly Leaf[]
}

/**
 * Builds the batch of payloads. A leaf's data is what a signature of its payload alone would sign, so that
 * the payload's type is part of it.
 *
 * @throws {RangeError} without a payload, or for more than 1,048,576
 */
export function buildBatch(payloads: readonly Uint8Array[], payloadType: string): Batch {
  const hashes = payloads.map(each => leafHash(preAuthenticationEncoding(payloadType, each)))
  const tree = buildTree(hashes)
  return {
    payload: Buffer.from(
      JSON.stringify({ leaves: payloads.length, root: rootOf(tree).toString('hex') })
    ),
    leaves: payloads.map((each, index) => ({
      payload: Buffer.from(each).toString('base64'),
      payloadType,
      index,
      proof: inclusionProof(tree, index).map(hash => hash.toString('base64'))
    }))
  }
}

/** Whether a leaf with this payload, decoded, is in the batch. The signature is not verified here. */
export function isInBatch(batchPayload: Buffer, leaf: Leaf, payload: Buffer): boolean {
  const stated = batchForm.exec(batchPayload.toString('latin1'))?.groups
  const proof = leaf.proof.map(decodeBase64)
  if (stated === undefined || !proof.every(isHash)) return false
  const hash = leafHash(preAuthenticationEncoding(leaf.payloadType, payload))
  const place = { index: leaf.index, leaves: Number(stated.leaves) }
  return rootFromProof(hash, place, proof)?.toString('hex') === stated.root
}

/** Exactly the bytes that {@link buildBatch} writes, so that all readers agree. */
const batchForm = /^\{"leaves":(?<leaves>[1-9]\d{0,6}),"root":"(?<root>[0-9a-f]{64})"\}$/

function isHash(bytes: Buffer | undefined): bytes is Buffer {
  return bytes?.length === 32
}
