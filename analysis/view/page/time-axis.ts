import { elapsed } from './figures.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'
import { ticks, timeSteps } from './scale.ts'
import type { Scale } from './scale.ts'

/** Where a chart draws, in the units of its view box. */
export const frame = {
  width: 640,
  height: 232,
  left: 52,
  right: 632,
  top: 14,
  bottom: 196
} as const

/** The time since the run began, along the bottom. */
export function timeAxis(x: Scale, startMs: number, endMs: number): Markup {
  const marks = ticks([0, endMs - startMs], 6, timeSteps).map(
    ms =>
      html`<text x="${x(startMs + ms)}" y="${frame.height - 6}" text-anchor="middle"
        >${elapsed(ms)}</text
      > `
  )
  return html`<line
      class="axis"
      x1="${frame.left}"
      x2="${frame.right}"
      y1="${frame.bottom}"
      y2="${frame.bottom}"
    />
    ${marks}`
}
