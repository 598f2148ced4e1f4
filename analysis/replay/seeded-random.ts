/** Creates a generator of uniform numbers in [0, 1) from a seed: sfc32 (Doty-Humphrey's PractRand), 32 bits each. */
export function seededRandom(seed: number): () => number {
  let [a, b, c, counter] = [seed >>> 0, 0x9e3779b9, 0x243f6a88, 1]
  const next = () => {
    const sum = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum / 2 ** 32
  }
  // Similar seeds give similar first numbers.
  for (let round = 0; round < 20; round += 1) next()
  return next
}
