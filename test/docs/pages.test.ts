import { globSync, readFileSync } from 'node:fs'
import t from 'tap'

const pages = globSync(['*.md', 'docs/**/*.md'])
const maxCellCharacters = 200
/** Prose is wrapped at 100; a page that is not is seen. */
const maxLineCharacters = 110

interface Line {
  readonly at: string
  readonly text: string
}

/** The lines of a page outside of its blocks of code. */
function proseOf(page: string): readonly Line[] {
  let isCode = false
  return readFileSync(page, 'utf8')
    .split('\n')
    .flatMap((text, at) => {
      const isFence = text.trimStart().startsWith('```')
      if (isFence) isCode = !isCode
      return isFence || isCode ? [] : [{ at: `${page}:${at + 1}`, text }]
    })
}

/** A line without what cannot be broken: long spans of code and the targets of links. */
function breakable(text: string): string {
  return text.replaceAll(/`[^`]{50,}`/g, '`…`').replaceAll(/\]\([^)]*\)/g, ']')
}

t.test('no cell of a table is longer than a reader can take in', t => {
  const long = pages.flatMap(page =>
    proseOf(page)
      .filter(({ text }) => text.startsWith('|'))
      .flatMap(({ at, text }) =>
        text
          .split(/(?<!\\)\|/)
          .map(cell => cell.trim())
          .filter(cell => cell.length > maxCellCharacters)
          .map(cell => `${at}: ${cell}`)
      )
  )
  t.same(long, [])
  t.end()
})

t.test('prose is wrapped', t => {
  const long = pages.flatMap(page =>
    proseOf(page)
      .filter(({ text }) => !/^[|#<]/.test(text) && breakable(text).length > maxLineCharacters)
      .map(({ at, text }) => `${at}: ${text}`)
  )
  t.same(long, [])
  t.end()
})
