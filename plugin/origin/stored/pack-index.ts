/** The first bytes of an index of version 2. */
const signature = Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2])
const idBytes = 20
/** After the signature: for each first byte of an ID, how many objects have it or a smaller one. */
const idsAt = signature.length + 256 * 4

/**
 * Where a pack has an object: the offset in the pack's file. Undefined if it does not have it, and for an
 * index of another form. Source: gitformat-pack, section Version 2 pack-*.idx files.
 */
export function offsetOf(index: Buffer, id: string): number | undefined {
  if (index.length < idsAt || !index.subarray(0, signature.length).equals(signature)) {
    return undefined
  }
  const count = countAt(index, 255)
  const offsetsAt = idsAt + count * (idBytes + 4)
  if (index.length < offsetsAt + count * 4) return undefined
  const found = positionOf(index, Buffer.from(id, 'hex'))
  if (found === undefined) return undefined
  const offset = index.readUInt32BE(offsetsAt + found * 4)
  // The others are in a table for packs of more than 2 GiB.
  return offset < 2 ** 31 ? offset : undefined
}

function positionOf(index: Buffer, id: Buffer): number | undefined {
  const first = id[0] ?? 0
  let low = first === 0 ? 0 : countAt(index, first - 1)
  let high = countAt(index, first)
  while (low < high) {
    const middle = (low + high) >> 1
    const at = idsAt + middle * idBytes
    const order = index.compare(id, 0, idBytes, at, at + idBytes)
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle
  }
  return undefined
}

function countAt(index: Buffer, firstByte: number): number {
  return index.readUInt32BE(signature.length + firstByte * 4)
}
