/**
 * Each takes some hundred bytes of memory, and three of its text: 16 MiB of them ended a process with a heap
 * of 256 MB. The largest answer of Prometheus that is read has 460,000.
 */
const mostContainers = 500_000
/** Names of members are kept by the engine, which takes a microsecond for each that is new. */
const mostMembers = 1_000_000

/**
 * Why JSON text from outside is not parsed: it would take many times the memory of what it is sent for.
 * What stands within texts counts as well. Undefined where it is not too much.
 */
export function jsonExcess(text: string): string | undefined {
  if (countOf(text, '{', mostContainers) + countOf(text, '[', mostContainers) > mostContainers) {
    return `has more than ${mostContainers} arrays and objects`
  }
  if (countOf(text, ':', mostMembers) > mostMembers) return `has more than ${mostMembers} members`
  return undefined
}

/** How often a character stands in a text; beyond `most` not counted on. */
function countOf(text: string, character: string, most: number): number {
  let count = 0
  let at = text.indexOf(character)
  while (at !== -1 && count <= most) {
    count += 1
    at = text.indexOf(character, at + 1)
  }
  return count
}
