import { EVENT_ID } from 'js-yaml'
import type { Event } from 'js-yaml'
import { Fault } from '../fault.ts'

/** A part of a text that was inserted: offsets, the end is exclusive. */
export interface InsertedSpan {
  readonly start: number
  readonly end: number
}

/**
 * Refuses inserted YAML that leaves the node where it stands: a scalar that begins or ends in the middle of
 * it, or entries of a collection outside of that node.
 *
 * @param original maps offsets of events to those of the spans
 * @throws {Fault} `YAML_INVALID` without a position; `reached` receives its offset
 */
export function checkInserted(
  events: readonly Event[],
  spans: readonly InsertedSpan[],
  original: (offset: number) => number,
  reached: (offset: number) => void
): void {
  const least = new Map<InsertedSpan, number>()
  let depth = 0
  let first = 0
  for (const event of events) {
    const node = nodeOf(event, original)
    if (node === undefined) {
      if (event.type !== EVENT_ID.ALIAS) depth += event.type === EVENT_ID.DOCUMENT ? 1 : -1
      continue
    }
    while ((spans[first]?.end ?? Infinity) <= node.start) first += 1
    const span = spansAt(node, spans, first).find(each => leaves(node, each, depth, least))
    if (span !== undefined) throw left(span, reached)
    if (event.type !== EVENT_ID.SCALAR) depth += 1
  }
}

/** The spans from `first` on that start before the end of a node. */
function spansAt(
  node: InsertedSpan,
  spans: readonly InsertedSpan[],
  first: number
): readonly InsertedSpan[] {
  const end = Math.max(node.end, node.start + 1)
  let last = first
  while ((spans[last]?.start ?? Infinity) < end) last += 1
  return spans.slice(first, last)
}

/** Where a node starts, and where a scalar ends. */
function nodeOf(event: Event, original: (offset: number) => number): InsertedSpan | undefined {
  if (event.type === EVENT_ID.SCALAR)
    return { start: original(event.valueStart), end: original(event.valueEnd) }
  if (event.type !== EVENT_ID.MAPPING && event.type !== EVENT_ID.SEQUENCE) return undefined
  return { start: original(event.start), end: original(event.start) }
}

/** @param least the depth of the first node of each span */
function leaves(
  node: InsertedSpan,
  span: InsertedSpan,
  depth: number,
  least: Map<InsertedSpan, number>
): boolean {
  const isInside = node.start >= span.start && node.start < span.end
  if (!isInside) return node.start < span.start && node.end > span.start && node.end < span.end
  const known = least.get(span) ?? depth
  least.set(span, known)
  return depth < known
}

function left(span: InsertedSpan, reached: (offset: number) => void): Fault {
  reached(span.start)
  return new Fault('YAML_INVALID', 'inserted YAML leaves the place where it stands', {
    remedy: 'Indent it: {{ toYaml .Values.x | nindent 4 }}.'
  })
}
