import { createHash } from 'node:crypto'
import type { Answer } from '../../../service/http/answer.ts'
import { html, Markup } from './html.ts'
import { styleSheet } from './style.ts'

const styleDigest = createHash('sha256').update(styleSheet).digest('base64')

/** The digest is of all between the tags. */
const style = new Markup(`<style>${styleSheet}</style>`)

/** Nothing but our own style is let in: no script, no frame, no address of another. */
const headers = {
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleDigest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store'
}

/** A whole page. */
export function pageAnswer(status: number, title: string, body: Markup): Answer {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <header>
          <nav><a href="/">mlgitops analysis</a></nav>
        </header>
        <main>${body}</main>
      </body>
    </html> `
  return { status, contentType: 'text/html; charset=utf-8', body: page.text, headers }
}
