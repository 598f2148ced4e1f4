import { Fault } from '../../common/fault.ts'
import { describePosition, positionAt } from '../../common/yaml/source-text.ts'

/**
 * Refuses characters that kubectl reads as line breaks (YAML 1.1) and that YAML 1.2, most editors and Git do
 * not: after one in a comment, the rest of the line is live.
 *
 * @throws {Fault} `YAML_INVALID`
 */
export function refuseLineBreaks(file: string, text: string): void {
  const offset = text.search(/[\u0085\u2028\u2029]/)
  if (offset === -1) return
  const code = text.charCodeAt(offset).toString(16).padStart(4, '0')
  throw new Fault(
    'YAML_INVALID',
    `the character U+${code.toUpperCase()} is a line break to kubectl only`,
    {
      where: describePosition(file, positionAt(text, offset)),
      remedy: `Remove it, or write it in double quotes as \\u${code}.`
    }
  )
}
