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
    if (
      event.type === EVENT_ID.SCALAR ||
      event.type === EVENT_ID.MAPPING ||
      event.type === EVENT_ID.SEQUENCE
    ) {
      const isScalar = event.type === EVENT_ID.SCALAR
      const start = original(isScalar ? event.valueStart : event.start)
      const end = isScalar ? original(event.valueEnd) : start
      while ((spans[first]?.end ?? Infinity) <= start) first += 1
      for (let at = first; at < spans.length; at++) {
        const span = spans[at]
        if (span === undefined || span.start >= Math.max(end, start + 1)) break
        const isInside = start >= span.start && start < span.end
        const isCut = start < span.start && end > span.start && end < span.end
        const known = least.get(span) ?? depth
        if (isInside) least.set(span, known)
        if (!isCut && !(isInside && depth < known)) continue
        reached(span.start)
        throw new Fault('YAML_INVALID', 'inserted YAML leaves the place where it stands', {
          remedy: 'Indent it: {{ toYaml .Values.x | nindent 4 }}.'
        })
      }
      if (!isScalar) depth += 1
    } else if (event.type === EVENT_ID.DOCUMENT) depth += 1
    else if (event.type !== EVENT_ID.ALIAS) depth -= 1
  }
}
