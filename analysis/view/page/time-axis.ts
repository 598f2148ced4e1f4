import { elapsed } from './figures.ts'
import { ticks, timeSteps } from './scale.ts'
import type { Scale } from './scale.ts'

/** The drawing area of a chart, in the units of its view box. */
export const frame = {
  width: 640,
  height: 232,
  left: 52,
  right: 632,
  top: 14,
  bottom: 196
} as const

/** The view box of every chart. */
export const viewBox = `0 0 ${frame.width} ${frame.height}`

/** A line across a chart, and the position of its label. */
export interface Rule {
  readonly left: number
  readonly right: number
  readonly y: number
  readonly labelX: number
  readonly labelY: number
}

/** Returns the line across a chart at a height, with its label at the left end. */
export function ruleAt(y: number): Rule {
  return { left: frame.left, right: frame.right, y, labelX: frame.left - 6, labelY: y + 4 }
}

/** What time-axis.hbs shows. */
export interface TimeAxis {
  readonly left: number
  readonly right: number
  readonly y: number
  readonly marks: readonly { readonly x: number; readonly y: number; readonly text: string }[]
}

/** Returns the axis along the bottom: time since the run started. */
export function timeAxis(x: Scale, startMs: number, endMs: number): TimeAxis {
  const marks = ticks([0, endMs - startMs], 6, timeSteps).map(ms => ({
    x: x(startMs + ms),
    y: frame.height - 6,
    text: elapsed(ms)
  }))
  return { left: frame.left, right: frame.right, y: frame.bottom, marks }
}
