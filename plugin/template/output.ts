import { Fault } from '../../common/fault.ts'
import type { JsonValue } from '../../common/json.ts'
import type { MarkedScalars } from '../../common/yaml/compose.ts'
import type { InsertedSpan } from '../../common/yaml/inserted.ts'
import type { TemplateSource } from './source.ts'
import { maxCharacters } from './text-bound.ts'
import { QuotedText, textOf } from './value.ts'

interface Segment {
  /** The start of the segment in the output and in the template. */
  readonly output: number
  readonly template: number
  /** Copied text maps to the template character by character; inserted text to its expression. */
  readonly isCopied: boolean
}

interface Inserted {
  readonly value: JsonValue | QuotedText
  readonly offset: number
}

/**
 * The output text of a template, with a placeholder for every inserted value. The YAML is parsed with
 * placeholders, and the values replace them afterwards: an inserted value keeps its type and cannot
 * change the structure around it.
 */
export class TemplateOutput implements MarkedScalars {
  readonly mark: string
  /** The inserted YAML. */
  readonly inserted: InsertedSpan[] = []
  readonly #source: TemplateSource
  readonly #isText: boolean
  readonly #parts: string[] = []
  readonly #segments: Segment[] = []
  readonly #inserted: Inserted[] = []
  #length = 0
  #isLineBlank = true

  /** @param settings `isText` for a string whose indentation in its file is not known */
  constructor(source: TemplateSource, settings: { readonly isText?: boolean } = {}) {
    this.#source = source
    this.#isText = settings.isText === true
    this.mark = unusedCharacter(source.text)
  }

  /** The whole output. */
  get text(): string {
    return this.#parts.join('')
  }

  /** Copies text of the template. */
  copy(text: string, offset: number): void {
    this.#append(text, offset, true)
  }

  /** Inserts YAML text. @throws {Fault} `TEMPLATE_TYPE` if it contains the mark */
  insertYaml(text: string, offset: number): void {
    if (this.#isText && text.includes('\n')) {
      throw new Fault('TEMPLATE_TYPE', 'YAML of several lines cannot be inserted into an item', {
        where: this.#source.locate(offset),
        remedy:
          'Use toJson, or a RenderGenerator, which reads the file: a function does not know its indentation.'
      })
    }
    if (text.includes(this.mark)) {
      throw new Fault('TEMPLATE_TYPE', 'the inserted YAML contains a reserved character', {
        where: this.#source.locate(offset),
        remedy: 'Remove private-use characters (U+E000 and following) from the value.'
      })
    }
    if (text.includes('\n') && /(?:^|\s)#/.test(this.#lastLine())) {
      throw new Fault('TEMPLATE_TYPE', 'several lines of YAML are inserted after #', {
        where: this.#source.locate(offset),
        remedy: 'Remove the line: its expressions are evaluated in a comment too.'
      })
    }
    const { length } = text.includes('\n') ? text : text.trimEnd()
    if (length > 0) {
      // {{- joins the lines, but what stands before it is not the key of what it inserts.
      const before = this.#source.text.slice(0, offset)
      const hasKey = before.slice(before.lastIndexOf('\n') + 1).trim() !== ''
      const isAfterText = hasKey && !this.#isLineBlank
      this.inserted.push({ start: this.#length, end: this.#length + length, isAfterText })
    }
    this.#append(text, offset, false)
  }

  #lastLine(): string {
    let line = ''
    for (let index = this.#parts.length - 1; index >= 0 && !line.includes('\n'); index--)
      line = (this.#parts[index] ?? '') + line
    return line.slice(line.lastIndexOf('\n') + 1)
  }

  /** Inserts a value as a whole scalar, or as text inside one. */
  insertValue(value: JsonValue | QuotedText, offset: number): void {
    this.#append(`${this.mark}${this.#inserted.length}${this.mark}`, offset, false)
    this.#inserted.push({ value, offset })
  }

  #append(text: string, template: number, isCopied: boolean): void {
    this.#segments.push({ output: this.#length, template, isCopied })
    this.#parts.push(text)
    this.#length += text.length
    const lineStart = text.lastIndexOf('\n') + 1
    this.#isLineBlank = (lineStart > 0 || this.#isLineBlank) && text.slice(lineStart).trim() === ''
    if (this.#length > maxCharacters) {
      throw new Fault('TEMPLATE_TOO_LARGE', 'the output of the template is too long', {
        where: this.#source.locate(template),
        expected: `at most ${maxCharacters} characters`
      })
    }
  }

  /** The position in the template, `file:line:column`, of an offset in the output. */
  locate(offset: number): string {
    const segment = this.#segments.findLast(({ output }) => output <= offset)
    if (segment === undefined) return this.#source.locate(0)
    const moved = segment.isCopied ? offset - segment.output : 0
    return this.#source.locate(segment.template + moved)
  }

  value(text: string, isPlain: boolean): JsonValue {
    const pieces = text.split(this.mark)
    const sole = this.#inserted[Number(pieces[1])]
    if (isPlain && pieces.length === 3 && pieces[0] === '' && pieces[2] === '' && sole) {
      return sole.value instanceof QuotedText ? sole.value.unquoted : sole.value
    }
    return this.#mixed(pieces)
  }

  key(text: string): string {
    return this.#mixed(text.split(this.mark))
  }

  #mixed(pieces: readonly string[]): string {
    return pieces
      .map((piece, index) => {
        if (index % 2 === 0) return piece
        const inserted = this.#inserted[Number(piece)]
        return inserted === undefined ? '' : this.#text(inserted)
      })
      .join('')
  }

  #text({ value, offset }: Inserted): string {
    return this.#source.at(offset, () => textOf(value))
  }
}

/** The first private-use character that the template does not contain. */
function unusedCharacter(text: string): string {
  for (let code = 0xe000; code < 0xf8ff; code++) {
    const character = String.fromCharCode(code)
    if (!text.includes(character)) return character
  }
  return '\uf8ff'
}
