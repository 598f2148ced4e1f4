/** The words of a command line, or why it has none. */
export type Words =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'invalid'; readonly problem: string }

/** One piece: white space, a quoted part, an escaped character, an operator, or plain text. */
const piece =
  /(?<space>[ \t\n]+)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[^])*)"|\\(?<escaped>[^])|(?<operator>[|&;<>()])|(?<plain>[^ \t\n'"\\|&;<>()]+)/y

/**
 * Splits a command line into words as a POSIX shell does (Shell Command Language, sections 2.2 and 2.3):
 * white space separates, quotes and backslashes quote. Nothing is expanded: `$HOME` and `*` stay as they
 * are. An operator that is not quoted, such as `|`, is invalid, because no shell runs.
 */
export function splitWords(text: string): Words {
  const words: string[] = []
  let word: string | undefined
  piece.lastIndex = 0
  while (piece.lastIndex < text.length) {
    const groups = piece.exec(text)?.groups
    if (groups === undefined) return invalid('a quote or backslash at its end quotes nothing')
    if (groups.operator !== undefined) {
      return invalid(`"${groups.operator}" is not quoted, and no shell runs the program`)
    }
    if (groups.space === undefined) word = (word ?? '') + textOf(groups)
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  if (word !== undefined) words.push(word)
  return { kind: 'words', words }
}

function textOf(groups: Readonly<Record<string, string | undefined>>): string {
  const { single, double, escaped, plain } = groups
  if (double !== undefined) return double.replace(/\\([$`"\\])|\\\n/g, '$1')
  // A backslash before a line feed continues the line.
  if (escaped !== undefined) return escaped === '\n' ? '' : escaped
  return single ?? plain ?? ''
}

function invalid(problem: string): Words {
  return { kind: 'invalid', problem }
}
