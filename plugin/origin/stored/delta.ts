/**
 * Applies a delta to its base object. Undefined for anything that does not fit.
 * Source: gitformat-pack, section Deltified representation.
 */
export function applyDelta(base: Buffer, delta: Buffer): Buffer | undefined {
  const baseSize = sizeAt(delta, 0)
  const size = sizeAt(delta, baseSize.end)
  if (baseSize.value !== base.length) return undefined
  const parts: Buffer[] = []
  let at = size.end
  while (at < delta.length) {
    const step = stepAt(delta, at)
    const part = (step.isCopy ? base : delta).subarray(step.from, step.from + step.length)
    if (part.length !== step.length || step.length === 0) return undefined
    parts.push(part)
    at = step.end
  }
  const whole = Buffer.concat(parts)
  return whole.length === size.value ? whole : undefined
}

/** A step takes bytes of the base, or those of the delta that follow the instruction. */
interface Step {
  readonly isCopy: boolean
  readonly from: number
  readonly length: number
  readonly end: number
}

/** The bits of a copy's first byte say which bytes of its offset and of its size follow. */
function stepAt(delta: Buffer, start: number): Step {
  const instruction = delta[start] ?? 0
  let at = start + 1
  if (instruction < 0x80) {
    return { isCopy: false, from: at, length: instruction, end: at + instruction }
  }
  let [from, length] = [0, 0]
  for (let bit = 0; bit < 7; bit++) {
    if ((instruction & (1 << bit)) === 0) continue
    const byte = delta[at++] ?? 0
    if (bit < 4) from += byte * 2 ** (8 * bit)
    else length += byte << (8 * (bit - 4))
  }
  return { isCopy: true, from, length: length === 0 ? 0x10000 : length, end: at }
}

/** A number in groups of seven bits, the lowest first. */
function sizeAt(bytes: Buffer, start: number): { readonly value: number; readonly end: number } {
  let [value, at, unit] = [0, start, 1]
  for (; ; unit *= 128) {
    const byte = bytes[at++] ?? 0
    value += (byte & 0x7f) * unit
    if (byte < 0x80) return { value, end: at }
  }
}
