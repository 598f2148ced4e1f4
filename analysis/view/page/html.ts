/** Text that is markup already. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What can stand in markup: texts and numbers are escaped, nothing is left out. */
export type Content = Markup | string | number | undefined | readonly Content[]

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

/** Writes HTML or SVG; what is put in is escaped, for elements and for attributes in quotes. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  let text = strings[0] ?? ''
  for (const [index, content] of contents.entries()) {
    text += write(content) + (strings[index + 1] ?? '')
  }
  return new Markup(text)
}

function write(content: Content): string {
  if (content === undefined) return ''
  if (content instanceof Markup) return content.text
  if (typeof content === 'number') return String(content)
  if (typeof content === 'string') {
    return content.replace(/[&<>"']/g, character => escapes[character] ?? '')
  }
  return content.map(write).join('')
}
