import type { GroupKind } from './idle-kinds.ts'
import { hasOnlyControl, hasPlainTags } from './plain-tags.ts'

/** A larger file is not classified: it is part of the model. */
export const maxClassifiedBytes = 256 * 1024

/**
 * The kinds of the documents of a YAML file or of a template for one, read from its text: an old commit is
 * not rendered. Undefined if any document can have a kind that the text does not show: without a literal
 * `kind` and `apiVersion`, with a quoted key or another construct at the left margin, or with a tag that
 * can print a manifest.
 */
export function literalKinds(bytes: Buffer): readonly GroupKind[] | undefined {
  if (bytes.length > maxClassifiedBytes) return undefined
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(leadingComment, '')
  // Other YAML readers take these for line breaks, so they could hide a line.
  if (/\r(?!\n)|[\0\u0085\u2028\u2029]/.test(text)) return undefined
  const kinds: GroupKind[] = []
  for (const lines of documentsOf(text.split(/\r?\n/))) {
    const found = kindsOf(lines)
    if (found === undefined) return undefined
    kinds.push(...found)
  }
  return kinds.length === 0 ? undefined : kinds
}

/**
 * Whether the first line `kind: …` of a text shows that {@link literalKinds} returns undefined or a kind with
 * another name: most manifests are decided by this line. False if it does not show that.
 *
 * @param isName whether a kind has one of the names in question
 */
export function showsOtherKind(bytes: Buffer, isName: (kind: string) => boolean): boolean {
  // A byte order mark or a comment of Helm can come before that line, or hide it.
  if (bytes[0] === 0xef || bytes[0] === 0x7b) return false
  const [, kind] = /(?:^|\n)kind:\s+["']?([\w./-]+)/.exec(bytes.toString('utf8')) ?? []
  return kind === undefined || !isName(kind)
}

/** A comment of Helm at the start of a file, such as a licence. */
const leadingComment = /^\{\{-?\s?\/\*[^{}*]*\*\/\s*-?\}\}/

function* documentsOf(lines: readonly string[]): Generator<readonly string[]> {
  let document: string[] = []
  for (const line of lines) {
    if (!/^---(?:\s+#[^{}]*|\s*)$/.test(line)) {
      document.push(line)
      continue
    }
    yield document
    document = []
  }
  yield document
}

const key = /^([A-Za-z_][\w.-]*):(?:\s+(.*))?$/
const literal = /^(?:"([\w./-]+)"|'([\w./-]+)'|([\w./-]+))(?:\s+#.*)?\s*$/

/** The kinds of one document; none for an empty one. */
function kindsOf(lines: readonly string[]): readonly GroupKind[] | undefined {
  if (!lines.every(hasPlainTags)) return undefined
  const content = lines.filter(line => !/^\s*(?:#.*)?$/.test(line) && !hasOnlyControl(line))
  if (content.length === 0) return []
  const members = content.filter(line => !/^(?:\s|- |-$)/.test(line)).map(line => key.exec(line))
  const kinds = textsOf(members, 'kind')
  const versions = textsOf(members, 'apiVersion')
  if (members.includes(null) || kinds === undefined || versions === undefined) return undefined
  // A document with branches can pair any of its groups with any of its kinds.
  return versions.map(groupOf).flatMap(group => kinds.map(kind => ({ group, kind })))
}

/** The literal values of a key; undefined if it has none, or one that is not literal. */
function textsOf(
  members: readonly (RegExpExecArray | null)[],
  name: string
): readonly string[] | undefined {
  const texts = members
    .filter(member => member?.[1] === name)
    .map(member => {
      const [, double, single, plain] = literal.exec(member?.[2] ?? '') ?? []
      return double ?? single ?? plain
    })
  const known = texts.filter(text => text !== undefined)
  return known.length === texts.length && known.length > 0 ? [...new Set(known)] : undefined
}

function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')))
}
