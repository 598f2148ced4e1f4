import { html } from './html.ts'
import type { Markup } from './html.ts'

/** A column by its title; figures stand right. */
export type Column = string | { readonly figures: string }

/** A table that scrolls by itself where the window is narrower. */
export function scrollingTable(
  columns: readonly Column[],
  rows: readonly Markup[],
  caption?: Markup
): Markup {
  const heads = columns.map(column =>
    typeof column === 'string'
      ? html`<th scope="col">${column}</th> `
      : html`<th scope="col" class="number">${column.figures}</th> `
  )
  return html`<div class="scroll">
    <table>
      ${
        caption === undefined
          ? ''
          : html`<caption>
              ${caption}
            </caption>`
      }
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`
}
