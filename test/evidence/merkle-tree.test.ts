import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import {
  buildTree,
  inclusionProof,
  leafHash,
  maxLeaves,
  rootFromProof,
  rootOf
} from '../../evidence/attestation/merkle-tree.ts'

const sha256 = (...parts: readonly Buffer[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest()

/** The definition of RFC 9162, section 2.1.1, word for word. */
function treeHash(data: readonly Buffer[]): Buffer {
  const [only] = data
  if (data.length === 1 && only !== undefined) return sha256(Buffer.of(0), only)
  let k = 1
  while (k * 2 < data.length) k *= 2
  return sha256(Buffer.of(1), treeHash(data.slice(0, k)), treeHash(data.slice(k)))
}

/** The inputs of the tests of Certificate Transparency. */
const data = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f'
].map(hex => Buffer.from(hex, 'hex'))

t.test('the tree is that of RFC 9162', t => {
  const rootHex = (leaves: readonly Buffer[]) =>
    rootOf(buildTree(leaves.map(leafHash))).toString('hex')
  t.equal(
    rootHex(data.slice(0, 1)),
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'
  )
  t.equal(rootHex(data), '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328')
  for (let count = 1; count <= 70; count += 1) {
    const leaves = Array.from({ length: count }, (_, index) => Buffer.from(`leaf ${index}`))
    t.equal(rootHex(leaves), treeHash(leaves).toString('hex'), `${count} leaves`)
  }
  t.end()
})

t.test('a proof leads to the root from its own leaf and place only', t => {
  for (let leaves = 1; leaves <= 33; leaves += 1) {
    const hashes = Array.from({ length: leaves }, (_, index) => leafHash(Buffer.from(`${index}`)))
    const tree = buildTree(hashes)
    const root = rootOf(tree)
    for (const [index, hash] of hashes.entries()) {
      const proof = inclusionProof(tree, index)
      const leads = (leaf: Buffer, at: number, count: number, by: readonly Buffer[]) =>
        rootFromProof(leaf, { index: at, leaves: count }, by)?.equals(root) === true
      if (!leads(hash, index, leaves, proof)) t.fail(`${index} of ${leaves} is not proved`)
      const wrong = [
        ...hashes.map((_, at) => at !== index && leads(hash, at, leaves, proof)),
        leads(leafHash(Buffer.from('other')), index, leaves, proof),
        leads(hash, index, leaves, [...proof, root]),
        leads(hash, index, leaves, [root, ...proof]),
        ...(proof.length === 0 ? [] : [leads(hash, index, leaves, proof.slice(1))]),
        ...(proof.length < 2 ? [] : [leads(hash, index, leaves, proof.toReversed())])
      ]
      if (wrong.includes(true)) t.fail(`${index} of ${leaves} is proved by something else`)
    }
  }
  t.end()
})

t.test('a node is not a leaf, and an index outside has no proof', t => {
  const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))]
  const root = rootOf(buildTree([left, right]))
  t.notSame(leafHash(Buffer.concat([left, right])), root)
  t.equal(rootFromProof(left, { index: 2, leaves: 2 }, [right]), undefined)
  t.equal(rootFromProof(left, { index: 0, leaves: 0 }, []), undefined)
  t.equal(rootFromProof(left, { index: 0, leaves: maxLeaves + 1 }, [right]), undefined)
  t.throws(() => buildTree([]), RangeError)
  fc.assert(
    fc.property(
      fc.nat(2 ** 20),
      fc.nat(2 ** 20),
      fc.array(fc.constant(right), { maxLength: 25 }),
      (index, leaves, proof) => {
        const found = rootFromProof(left, { index, leaves }, proof)
        return found === undefined || (index < leaves && proof.length <= 20)
      }
    ),
    { seed: 14, numRuns: 500 }
  )
  t.end()
})
