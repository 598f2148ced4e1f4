import { Fault } from '../../common/fault.ts'

/** Starts of blocks in templates of Helm, of mlgitops and of Handlebars, and their ends. */
const actions = /\{\{[-~]?\s*(?:(#|if\b|range\b|with\b|define\b|block\b)|(\/(?!\*)|end\b))/g

/**
 * Refuses a scalar that a template writes, or that stands within a block of a template: which value is rendered
 * there is not the file's alone. Refuses a new value that a template would take for an action.
 *
 * @param span the characters of the scalar
 * @throws {Fault} `SET_TEMPLATE`
 */
export function refuseTemplated(
  text: string,
  span: { readonly start: number; readonly end: number },
  value: string,
  where: string
): void {
  const fault = (message: string, remedy: string) =>
    new Fault('SET_TEMPLATE', message, { where, remedy })
  if (/\{\{|\}\}/.test(value)) {
    throw fault('the new value has the braces of a template', 'Set a literal value.')
  }
  if (/\{\{|\}\}|\$\{/.test(text.slice(span.start, span.end))) {
    throw fault('the field is written by a template', 'Set a field of a value file in place of it.')
  }
  const before = text.slice(0, span.start)
  const open = before.split('{{').length - before.split('}}').length
  let depth = 0
  for (const [, start] of before.matchAll(actions)) depth += start === undefined ? -1 : 1
  if (open > 0 || depth > 0) {
    throw fault(
      'the field stands within a block of a template',
      'Set a field of a value file in place of it.'
    )
  }
}
