import { Fault } from '../../common/fault.ts'
import { describePosition, positionAt } from '../../common/yaml/source-text.ts'
import { QuotedStrings } from './quoted.ts'

/** A value that a template reads. */
export interface ValueRead {
  /** The file name in messages, and the text of the template. */
  readonly file: string
  readonly text: string
  /** Where the expression starts in the text. */
  readonly offset: number
  /** The keys below `.Values`. */
  readonly keys: readonly string[]
  /** Returns the position of the expression. */
  readonly where: () => string
}

/** What is called while a template is evaluated. */
export interface SourceHooks {
  /** Receives each warning, one sentence with a position. */
  readonly warn?: (warning: string) => void
  /** Receives each value that is read, whether it exists or not; it may throw a fault. */
  readonly read?: (read: ValueRead) => void
}

/** The text of a template and its file name in messages. */
export class TemplateSource {
  readonly file: string
  readonly text: string
  readonly strings: QuotedStrings

  readonly warn: (warning: string) => void
  readonly #read: SourceHooks['read']

  constructor(file: string, text: string, { warn, read }: SourceHooks = {}) {
    this.file = file
    this.text = text
    this.warn = warn ?? (() => undefined)
    this.#read = read
    this.strings = new QuotedStrings(text)
  }

  /** `file:line:column` of an offset; line and column count from 1. */
  locate(offset: number): string {
    return describePosition(this.file, positionAt(this.text, offset))
  }

  /** Reports that the template reads a value below `.Values`. */
  reportRead(keys: readonly string[], offset: number): void {
    this.#read?.({
      ...{ file: this.file, text: this.text, offset, keys },
      where: () => this.locate(offset)
    })
  }

  /** Calls `read` and adds the position of `offset` to a fault that has none. */
  at<Result>(offset: number, read: () => Result): Result {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Fault) || error.details.where !== undefined) throw error
      throw new Fault(error.code, error.message, {
        ...error.details,
        where: this.locate(offset),
        cause: error
      })
    }
  }
}

/** The remedy where braces can be those of another tool, such as Argo Workflows or Alertmanager. */
export const otherTool =
  'To keep braces for another tool write \\{{, or list the file in templates.verbatim of mlgitops.yaml.'

/** A syntax error in a template, `TEMPLATE_SYNTAX`, at `offset`. */
export function syntaxFault(
  source: TemplateSource,
  offset: number,
  message: string,
  remedy?: string
): Fault<'TEMPLATE_SYNTAX'> {
  return new Fault('TEMPLATE_SYNTAX', message, {
    where: source.locate(offset),
    ...(remedy === undefined ? {} : { remedy })
  })
}
