import { createHash } from 'node:crypto'

/** The greatest number of leaves, so that a proof has at most 20 hashes. */
export const maxLeaves = 2 ** 20

/** A tree of hashes: level 0 has the leaves, the last level the root. */
export type MerkleTree = readonly (readonly Buffer[])[]

/** The hash of a leaf. Source: RFC 9162, section 2.1.1, as of every hash here. */
export function leafHash(data: Uint8Array): Buffer {
  return createHash('sha256').update(leafPrefix).update(data).digest()
}

/**
 * Builds the tree over hashes of leaves. A node without a neighbour moves up unchanged, which gives the
 * tree of the RFC, whose left subtree has the greatest power of two below the number of leaves.
 *
 * @throws {RangeError} without a leaf, or beyond {@link maxLeaves}
 */
export function buildTree(leaves: readonly Buffer[]): MerkleTree {
  if (leaves.length === 0 || leaves.length > maxLeaves) {
    throw new RangeError(`a tree has 1 to ${maxLeaves} leaves, not ${leaves.length}`)
  }
  const levels: Buffer[][] = [[...leaves]]
  for (let level = levels[0] ?? []; level.length > 1; levels.push(level)) level = parents(level)
  return levels
}

/** The root of a tree. */
export function rootOf(tree: MerkleTree): Buffer {
  return tree.at(-1)?.[0] ?? Buffer.alloc(0)
}

/** The hashes that lead from a leaf to the root, from below (RFC 9162, section 2.1.3.1). */
export function inclusionProof(tree: MerkleTree, index: number): readonly Buffer[] {
  return tree.slice(0, -1).flatMap((level, height) => {
    const neighbour = level[Math.floor(index / 2 ** height) ^ 1]
    return neighbour === undefined ? [] : [neighbour]
  })
}

/**
 * Returns the root to which a leaf and its proof lead, or undefined if the proof does not have exactly the
 * length that index and number of leaves give (RFC 9162, section 2.1.3.2).
 */
export function rootFromProof(
  leaf: Buffer,
  { index, leaves }: { readonly index: number; readonly leaves: number },
  proof: readonly Buffer[]
): Buffer | undefined {
  if (index >= leaves || leaves > maxLeaves) return undefined
  let hash = leaf
  let used = 0
  let last = leaves - 1
  for (let at = index; last > 0; at = Math.floor(at / 2)) {
    const isLeft = at % 2 === 0
    if (!isLeft || at < last) {
      const neighbour = proof[used]
      if (neighbour === undefined) return undefined
      hash = isLeft ? nodeHash(hash, neighbour) : nodeHash(neighbour, hash)
      used += 1
    }
    last = Math.floor(last / 2)
  }
  return used === proof.length ? hash : undefined
}

const leafPrefix = Buffer.of(0)
const nodePrefix = Buffer.of(1)

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest()
}

function parents(level: readonly Buffer[]): Buffer[] {
  const above: Buffer[] = []
  for (let at = 0; at < level.length; at += 2) {
    const [left, right] = level.slice(at, at + 2)
    if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right))
  }
  return above
}
