import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { locateYaml } from '../../common/yaml/read.ts'
import type { LocatedDocument } from '../../common/yaml/read.ts'
import { readRenderedBlock } from './block-scalar.ts'
import { evaluate, evaluatePresent } from './evaluate.ts'
import { refuseLineBreaks } from './line-break.ts'
import { missingFault, missingVariableFault } from './missing-fault.ts'
import { TemplateOutput } from './output.ts'
import { parseTemplate } from './parse.ts'
import type { BlockNode, TemplateNode } from './parse.ts'
import { parseVariables } from './variables.ts'
import { rootScope } from './scope.ts'
import type { Scope } from './scope.ts'
import { TemplateSource } from './source.ts'
import type { SourceHooks } from './source.ts'
import { warnOfWord } from './false-word.ts'
import { isTruthy, jsonOf, Missing, YamlText } from './value.ts'

/** The values and variables of a template. */
export interface TemplateInput extends SourceHooks {
  readonly values: JsonObject
  /** The values of `${…}` by name; a name without an entry has no value. */
  readonly variables: Readonly<Record<string, string>>
}

/**
 * How a file is read: with expressions and variables, with variables only, or as it is.
 */
export type TemplateForm = 'expressions' | 'variables' | 'verbatim'

const maxIterations = 1_000_000

/**
 * Renders one template file to its documents; an empty document is null.
 *
 * @param file the file name in messages
 * @throws {Fault} `TEMPLATE_*` and `YAML_*`, with file, line and column
 */
export function renderTemplate(
  file: string,
  text: string,
  input: TemplateInput,
  form: TemplateForm = 'expressions'
): readonly LocatedDocument[] {
  refuseLineBreaks(file, text)
  if (form === 'verbatim') return locateYaml(text, { file, exactNumbers: 'integers' })
  const source = new TemplateSource(file, text, input)
  const output = new TemplateOutput(source)
  new TemplateRenderer(source, output, input.variables).render(
    form === 'variables' ? parseVariables(source) : parseTemplate(source),
    rootScope(input.values)
  )
  return locateYaml(output.text, {
    file,
    marked: output,
    inserted: output.inserted,
    exactNumbers: 'integers',
    locate: offset => output.locate(offset)
  })
}

/**
 * Renders a string that another tool has parsed; the result is a string. Several lines are read as those of a
 * literal block scalar (`|`).
 *
 * @param name the name of its object in messages
 * @throws {Fault} `TEMPLATE_*`
 */
export function renderText(name: string, text: string, input: TemplateInput): string {
  const source = new TemplateSource(name, text, input)
  const output = new TemplateOutput(source, { isText: true })
  new TemplateRenderer(source, output, input.variables).render(
    parseTemplate(source),
    rootScope(input.values)
  )
  if (!text.includes('\n')) return output.key(output.text)
  const read = readRenderedBlock(text, output.text)
  if (read !== undefined) return output.key(read)
  throw new Fault('TEMPLATE_TYPE', 'the first rendered line of the text is indented', {
    where: name,
    remedy: 'Write a first line that is not indented and not in a block.'
  })
}

/** Replaces the variables of a text that is not YAML. @throws {Fault} `TEMPLATE_VALUE_MISSING` */
export function replaceVariables(file: string, text: string, input: TemplateInput): string {
  const source = new TemplateSource(file, text, input)
  const output = new TemplateOutput(source)
  new TemplateRenderer(source, output, input.variables).render(
    parseVariables(source),
    rootScope(input.values)
  )
  return output.key(output.text)
}

/** Whether a text contains anything that rendering could replace. */
export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('${')
}

/** Writes the nodes of a template to an output. */
export class TemplateRenderer {
  readonly #source: TemplateSource
  readonly #output: TemplateOutput
  readonly #variables: Readonly<Record<string, string>>
  #iterations = 0

  constructor(
    source: TemplateSource,
    output: TemplateOutput,
    variables: Readonly<Record<string, string>>
  ) {
    this.#source = source
    this.#output = output
    this.#variables = variables
  }

  render(nodes: readonly TemplateNode[], scope: Scope): void {
    for (const node of nodes) {
      switch (node.kind) {
        case 'text':
          this.#output.copy(node.text, node.offset)
          break
        case 'variable':
          this.#output.insertValue(this.#variable(node.name, node.offset), node.offset)
          break
        case 'value': {
          const value = evaluatePresent(node.expression, scope, this.#source)
          if (value instanceof YamlText) this.#output.insertYaml(value.text, node.offset)
          else this.#output.insertValue(value, node.offset)
          break
        }
        case 'block':
          this.#block(node, scope)
      }
    }
  }

  #variable(name: string, offset: number): string {
    const value = this.#variables[name]
    if (value !== undefined) return value
    throw missingVariableFault(name, offset, this.#source)
  }

  #block(node: BlockNode, scope: Scope): void {
    switch (node.helper) {
      case 'if':
      case 'unless': {
        const value = evaluate(node.expression, scope, this.#source)
        warnOfWord(value, node.expression, this.#source)
        const isTrue = isTruthy(value, node.includeZero)
        this.render(isTrue === (node.helper === 'if') ? node.body : node.inverse, scope)
        return
      }
      case 'with':
        this.#with(node, scope)
        return
      case 'each':
        this.#each(node, scope)
    }
  }

  #with(node: BlockNode, scope: Scope): void {
    const value = evaluate(node.expression, scope, this.#source)
    warnOfWord(value, node.expression, this.#source)
    if (!isTruthy(value, true) || value instanceof Missing) {
      this.render(node.inverse, scope)
      return
    }
    const context = jsonOf(value)
    const [name] = node.parameters
    const parameters = name === undefined ? {} : { [name]: context }
    this.render(node.body, { values: scope.values, context, outer: scope, loop: {}, parameters })
  }

  /** Unlike in Handlebars, a missing list is a fault unless the block has an `{{else}}`. */
  #each(node: BlockNode, scope: Scope): void {
    const value = evaluate(node.expression, scope, this.#source)
    if (value instanceof Missing && !node.hasInverse) {
      throw missingFault(value, node.expression, this.#source)
    }
    const list = value instanceof Missing || value === null ? [] : jsonOf(value)
    const entries = this.#entries(list, node.offset)
    if (entries.length === 0) this.render(node.inverse, scope)
    for (const [index, [key, item]] of entries.entries()) {
      this.#countIteration(node.offset)
      const loop = {
        '@index': index,
        '@key': key,
        '@first': index === 0,
        '@last': index === entries.length - 1
      }
      const [itemName, keyName] = node.parameters
      const parameters: Record<string, JsonValue> = {}
      if (itemName !== undefined) parameters[itemName] = item
      if (keyName !== undefined) parameters[keyName] = key
      this.render(node.body, {
        values: scope.values,
        context: item,
        outer: scope,
        loop,
        parameters
      })
    }
  }

  #entries(list: JsonValue, offset: number): readonly (readonly [string | number, JsonValue])[] {
    if (isJsonArray(list)) return list.map((item, index) => [index, item] as const)
    if (isJsonObject(list)) return Object.entries(list)
    throw new Fault('TEMPLATE_TYPE', '{{#each}} needs a list or an object', {
      where: this.#source.locate(offset),
      found: kindOf(list)
    })
  }

  #countIteration(offset: number): void {
    if (++this.#iterations <= maxIterations) return
    throw new Fault('TEMPLATE_TOO_LARGE', 'too many loop iterations', {
      where: this.#source.locate(offset),
      expected: `at most ${maxIterations} iterations in a file`
    })
  }
}
