import { Fault } from '../../../common/fault.ts'
import { tryParseJson } from '../../../common/parse-json.ts'
import { stringifyJson } from '../../../common/json.ts'
import { locateYaml } from '../../../common/yaml/read.ts'
import { writeYaml } from '../../../common/yaml/write.ts'
import { occurrences, refuseLonger } from '../text-bound.ts'
import { jsonOf, textOf, YamlText } from '../value.ts'
import type { PresentValue } from '../value.ts'
import { integerArgument, strict, textArgument } from './signature.ts'
import type { TemplateFunction } from './signature.ts'

/** Functions that insert YAML, and JSON as text. */
export const yamlFunctions: Readonly<Record<string, TemplateFunction>> = {
  toYaml: strict([1, 1], ([value = null]) => new YamlText(writeYaml(jsonOf(value)).trimEnd())),
  indent: strict([2, 2], args => new YamlText(indent(args))),
  nindent: strict([2, 2], args => new YamlText(`\n${indent(args)}`)),
  toJson: strict([1, 1], ([value = null]) => stringifyJson(jsonOf(value), { sortKeys: true })),
  fromJson: strict([1, 1], ([value = null]) => fromJson(value))
}

const maxIndent = 200

function indent(args: readonly PresentValue[]): string {
  const width = integerArgument(args, 0)
  if (width < 0 || width > maxIndent) {
    throw new Fault('TEMPLATE_TYPE', 'the indentation is out of range', {
      expected: `0 to ${maxIndent} spaces`
    })
  }
  const space = ' '.repeat(width)
  const text = textArgument(args, 1)
  refuseLonger(text.length + (occurrences(text, '\n') + 1) * width)
  return space + text.replaceAll('\n', `\n${space}`)
}

/** Reads the JSON as YAML: that reader keeps big integers and refuses duplicate and `__proto__` keys. */
function fromJson(value: PresentValue) {
  const text = textOf(value)
  if (tryParseJson(text) === undefined) {
    throw new Fault('TEMPLATE_TYPE', 'fromJson: the text is not valid JSON')
  }
  return locateYaml(text, { file: 'fromJson', exactNumbers: 'all' })[0]?.value ?? null
}
