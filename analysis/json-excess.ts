/**
 * Each array or object takes some hundred bytes of memory and three bytes of text: 16 MiB of them killed a
 * process with a heap of 256 MB. The largest response of Prometheus that is accepted has 460,000.
 */
const mostContainers = 500_000
/** The engine interns the names of members, which takes a microsecond for each new name. */
const mostMembers = 1_000_000

/**
 * Returns why JSON text from outside must not be parsed, because it would take many times the memory of its
 * text; undefined if it may be. Characters inside strings count too.
 */
export function jsonExcess(text: string): string | undefined {
  if (countOf(text, '{', mostContainers) + countOf(text, '[', mostContainers) > mostContainers) {
    return `has more than ${mostContainers} arrays and objects`
  }
  if (countOf(text, ':', mostMembers) > mostMembers) return `has more than ${mostMembers} members`
  return undefined
}

/** Counts a character in a text, and stops counting above `most`. */
function countOf(text: string, character: string, most: number): number {
  let count = 0
  let at = text.indexOf(character)
  while (at !== -1 && count <= most) {
    count += 1
    at = text.indexOf(character, at + 1)
  }
  return count
}
