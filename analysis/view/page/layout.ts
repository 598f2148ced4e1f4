import { createHash } from 'node:crypto'
import { textRenderer } from '../../../common/text-templates.ts'
import type { Answer } from '../../../service/http/answer.ts'
import { templates } from './templates.generated.js'

/** What layout.hbs shows on every page. */
export interface Page {
  readonly title: string
  /** After how many seconds the browser loads the page again; null: never. */
  readonly refreshSeconds: number | null
}

const render = textRenderer(templates)

/** Of the text between the style tags. */
const styleDigest = createHash('sha256').update(render('style', {})).digest('base64')

/** Allows our own style and nothing else: no script, no frame, no other address. */
const headers = {
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleDigest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store'
}

/** Answers with a page that a template renders. */
export function pageAnswer(status: number, template: keyof typeof templates, page: Page): Answer {
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    body: render(template, page),
    headers
  }
}
