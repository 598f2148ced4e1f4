import { Fault } from '../../common/fault.ts'
import { describePosition, positionAt } from '../../common/yaml/source-text.ts'
import { QuotedStrings } from './quoted.ts'

/** The text of a template and its file name in messages. */
export class TemplateSource {
  readonly file: string
  readonly text: string
  readonly strings: QuotedStrings

  readonly warn: (warning: string) => void

  constructor(file: string, text: string, warn: (warning: string) => void = () => undefined) {
    this.file = file
    this.text = text
    this.warn = warn
    this.strings = new QuotedStrings(text)
  }

  /** `file:line:column` of an offset; line and column count from 1. */
  locate(offset: number): string {
    return describePosition(this.file, positionAt(this.text, offset))
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
