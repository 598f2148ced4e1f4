/**
 * Whether the tags of a line can only print values, or what a helper of the chart prints: the helper is a
 * source itself. A tag with other functions or with unusual strings could print a whole manifest, in a
 * comment too, and so could one that spans lines.
 */
export function hasPlainTags(line: string): boolean {
  const rest = line.replace(/\{\{[^{}]*\}\}/g, tag => (isPlain(tag) ? '' : '{{'))
  return !/\{\{|\}\}/.test(rest) && !line.includes('\\{{')
}

/** Whether a line has only tags that print nothing: blocks, their ends, comments, assignments. */
export function hasOnlyControl(line: string): boolean {
  return line.includes('{{') && line.replace(/\{\{[^{}]*\}\}/g, controlOrTag).trim() === ''
}

function controlOrTag(tag: string): string {
  const { body, isComment } = bodyOf(tag)
  return isComment || controlBody.test(body) ? '' : tag
}

function isPlain(tag: string): boolean {
  const { body, isComment } = bodyOf(tag)
  if (isComment) return true
  const tokens = body.replace(/ as \|[\w ]+\|$/, '').match(/"[^"]*"|[^\s()|"]+|"/g) ?? []
  return tokens.every(token => plainToken.test(token) || plainWords.has(token.replace(/^[#/]/, '')))
}

/** A string of word characters, a path, a variable, a number, an assignment. */
const plainToken =
  /^(?:"[\w./: -]*"|(?:\$\w*|@\w+)?(?:\.[\w-]*)*,?|\.\.\/[\w./]*|-?\d+|:?=|[\w-]+\.[\w.-]+)$/

interface TagBody {
  readonly body: string
  readonly isComment: boolean
}

function bodyOf(tag: string): TagBody {
  const body = tag.replace(/^\{\{[-~]?\s*/, '').replace(/\s*[-~]?\}\}$/, '')
  const isComment = /^(?:\/\*[^*]*\*\/|!(?!--)[^]*|!--[^]*--)$/.test(body)
  return { body, isComment }
}

const controlBody =
  /^(?:#(?:if|unless|each|with)\s[^]*|\/(?:if|unless|each|with)|(?:if|with|range|define|else)(?:\s[^]*)?|end|\$\w*\s*:?=\s[^]*)$/

/** Words of control, and functions that print what they are given. */
const plainWords = new Set([
  ...['if', 'unless', 'each', 'with', 'else', 'end', 'range', 'define', 'as', 'this', 'true'],
  ...['false', 'nil', 'null', 'and', 'or', 'not', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'empty'],
  ...['include', 'quote', 'squote', 'default', 'coalesce', 'required', 'int', 'toString'],
  ...['toYaml', 'toJson', 'indent', 'nindent', 'trunc', 'trimSuffix', 'lower', 'upper'],
  ...['kebabcase', 'hasKey', 'contains', 'semverCompare']
])
