import { createHash } from 'node:crypto'
import { textRenderer } from '../../../common/text-templates.ts'
import type { Answer } from '../../../service/http/answer.ts'
import { templates } from './templates.generated.js'

/** What the layout shows of every page. */
export interface Page {
  readonly title: string
}

const render = textRenderer(templates)

/** The style is text of the page between two tags: the digest is of that text. */
const styleDigest = createHash('sha256').update(render('style', {})).digest('base64')

/** Nothing but our own style is let in: no script, no frame, no address of another. */
const headers = {
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleDigest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store'
}

/** Answers with a whole page: what a template shows of it. */
export function pageAnswer(status: number, template: keyof typeof templates, page: Page): Answer {
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    body: render(template, page),
    headers
  }
}
