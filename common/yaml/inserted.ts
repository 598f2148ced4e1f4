import { EVENT_ID, SCALAR_STYLE } from 'js-yaml'
import type { Event } from 'js-yaml'
import { Fault } from '../fault.ts'

/** A part of a text: offsets, the end is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A part of a text that was inserted. */
export interface InsertedSpan extends Span {
  /** Whether its first line has text before it, such as a key. */
  readonly isAfterText: boolean
}

/**
 * Refuses inserted YAML that leaves the node where it stands: a scalar that begins or ends in the middle of
 * it, entries of a collection outside of that node, or a value that is not that of the key before it.
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
  let isAfterNothing = false
  for (const event of events) {
    const node = nodeOf(event, original)
    if (node === undefined) {
      if (event.type === EVENT_ID.SCALAR) isAfterNothing = true
      else if (event.type !== EVENT_ID.ALIAS) depth += event.type === EVENT_ID.DOCUMENT ? 1 : -1
      continue
    }
    while ((spans[first]?.end ?? Infinity) <= node.start) first += 1
    const span = spansAt(node, spans, first).find(each => {
      const isFirst = !least.has(each) && isInside(node, each)
      return (isFirst && isAfterNothing && each.isAfterText) || leaves(node, each, depth, least)
    })
    if (span !== undefined) throw left(span, reached)
    isAfterNothing = false
    if (event.type !== EVENT_ID.SCALAR) depth += 1
  }
}

/** The spans from `first` on that start before the end of a node. */
function spansAt(
  node: Span,
  spans: readonly InsertedSpan[],
  first: number
): readonly InsertedSpan[] {
  const end = Math.max(node.end, node.start + 1)
  let last = first
  while ((spans[last]?.start ?? Infinity) < end) last += 1
  return spans.slice(first, last)
}

const quoted: ReadonlySet<number> = new Set([
  SCALAR_STYLE.SINGLE_QUOTED,
  SCALAR_STYLE.DOUBLE_QUOTED
])

/** Where a node starts, and where a scalar ends, with its quotes; undefined for a value of no characters. */
function nodeOf(event: Event, original: (offset: number) => number): Span | undefined {
  if (event.type === EVENT_ID.SCALAR) {
    if (event.valueStart === -1) return undefined
    const quote = quoted.has(event.style) ? 1 : 0
    return { start: original(event.valueStart) - quote, end: original(event.valueEnd) + quote }
  }
  if (event.type !== EVENT_ID.MAPPING && event.type !== EVENT_ID.SEQUENCE) return undefined
  return { start: original(event.start), end: original(event.start) }
}

/** @param least the depth of the first node of each span */
function leaves(
  node: Span,
  span: InsertedSpan,
  depth: number,
  least: Map<InsertedSpan, number>
): boolean {
  if (!isInside(node, span))
    return node.start < span.start && node.end > span.start && node.end < span.end
  const known = least.get(span) ?? depth
  least.set(span, known)
  return depth < known
}

function isInside(node: Span, span: Span): boolean {
  return node.start >= span.start && node.start < span.end
}

function left(span: Span, reached: (offset: number) => void): Fault {
  reached(span.start)
  return new Fault('YAML_INVALID', 'inserted YAML leaves the place where it stands', {
    remedy: 'Indent it: {{ toYaml .Values.x | nindent 4 }}.'
  })
}
