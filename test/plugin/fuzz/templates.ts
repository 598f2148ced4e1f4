import Handlebars from 'handlebars'
import { Fault } from '../../../common/fault.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { TemplateOutput } from '../../../plugin/template/output.ts'
import { parseTemplate } from '../../../plugin/template/parse.ts'
import { TemplateRenderer } from '../../../plugin/template/render-template.ts'
import { rootScope } from '../../../plugin/template/scope.ts'
import { TemplateSource } from '../../../plugin/template/source.ts'
import type { Outcome } from './findings.ts'
import type { Random } from './random.ts'

const values: JsonObject = {
  yes: true,
  no: false,
  zero: 0,
  one: 1,
  half: -0.5,
  s: 'text',
  empty: '',
  list: ['p', 'q', 'r'],
  none: [],
  objects: [
    { n: 'a', v: 1, l: [1, 2], yes: 'own' },
    { n: 'b', v: 0, l: [], o: { n: 'inner' } }
  ],
  map: { k: 'v', 'odd key': 'w', n: 'm' },
  nothing: {},
  nil: null
}

const handlebars = Handlebars.create()
handlebars.registerHelper('raw', function (this: unknown, options: Handlebars.HelperOptions) {
  return options.fn(this)
})

/** What Handlebars renders; undefined if it refuses the template. */
function byHandlebars(text: string): string | undefined {
  try {
    // With `noEscape` Handlebars adds two numbers; no value has a character that is escaped.
    const compiled = handlebars.compile(text)
    return compiled(
      { Values: values },
      // Without these Handlebars looks for inherited members and warns.
      { allowProtoMethodsByDefault: false, allowProtoPropertiesByDefault: false }
    )
  } catch {
    return undefined
  }
}

/** The rendered text, without parsing it as YAML. @throws {Fault} */
export function byUs(text: string): string {
  const source = new TemplateSource('t', text)
  const output = new TemplateOutput(source)
  new TemplateRenderer(source, output, {}).render(parseTemplate(source), rootScope(values))
  return output.value(output.text, false) as string
}

/** Compares the text that both render. */
export function compareTemplate(text: string): Outcome {
  try {
    const ours = byUs(text)
    const expected = byHandlebars(text)
    if (ours === expected) return { kind: 'same' }
    if (expected === undefined) return { kind: 'refused', reason: 'by Handlebars only' }
    const detail = `${JSON.stringify(ours)}, Handlebars: ${JSON.stringify(expected)}`
    return { kind: 'differs', input: text, detail }
  } catch (error) {
    if (error instanceof Fault && error.details.where?.startsWith('t:') === true)
      return { kind: 'refused', reason: `${error.code}, ${error.message}` }
    return { kind: 'differs', input: text, detail: String(error) }
  }
}

/** What paths can start with at a point in a template. */
interface Place {
  readonly context: JsonValue
  readonly above: readonly JsonValue[]
  readonly isLoop: boolean
  readonly names: readonly string[]
}

/** A random template of the dialect that Handlebars and mlgitops have in common. */
export function randomTemplate(random: Random): string {
  const place = { context: { Values: values }, above: [], isLoop: false, names: [] }
  return new TemplateMaker(random).body(place, 3)
}

class TemplateMaker {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  body(place: Place, depth: number): string {
    return this.#random.texts(5, () => this.#piece(place, depth))
  }

  #piece(place: Place, depth: number): string {
    const random = this.#random
    const roll = random.next()
    if (roll < 0.45) return this.#text()
    if (roll < 0.62) return this.#tag(this.#path(place))
    if (roll < 0.64) return `{{{@root.Values.${random.pick(['s', 'empty'])}}}}`
    if (roll < 0.68) return this.#tag(random.pick(['! note', '!-- a }} b --', '!', '!----']))
    if (roll < 0.72) return `{{{{raw}}}}${this.#text()}{{x}}${this.#text()}{{{{/raw}}}}`
    return depth === 0 ? this.#text() : this.#block(place, depth - 1)
  }

  #text(): string {
    const random = this.#random
    const space = () =>
      random.pick(['', '', ' ', '\n', '\n', '\r\n', '  \n', '\n\t', '\n\n', '\u00a0', '\r', '\f\n'])
    const word = random.pick([
      '',
      'a',
      'b: c',
      '-',
      '\n- x',
      '{ ',
      ' }',
      ' }}',
      '$',
      '\\{{x}}',
      '\\',
      '"',
      '🙂'
    ])
    return space() + word + space()
  }

  #tag(inner: string): string {
    const random = this.#random
    const mark = () => (random.chance(0.15) ? '~' : '')
    const space = () =>
      /^[@\w.]/.test(inner) && random.chance(0.1) ? random.pick([' ', '\n', '\t']) : ''
    return `{{${mark()}${space()}${inner}${space()}${mark()}}}`
  }

  #block(place: Place, depth: number): string {
    const random = this.#random
    const helper = random.pick(['if', 'unless', 'each', 'with'])
    const { head, inner } = this.#head(helper, place)
    const open = this.#tag(`#${head}`)
    const body = this.body(inner, depth)
    return open + body + this.#inverse(place, depth) + this.#tag(`/${helper}`)
  }

  #inverse(place: Place, depth: number): string {
    const random = this.#random
    let text = ''
    while (random.chance(0.2)) {
      const helper = random.pick(['if', 'unless', 'with', 'each'])
      const { head, inner } = this.#head(helper, place)
      text += this.#tag(`else ${head}`) + this.body(inner, depth)
    }
    return random.chance(0.4)
      ? text + this.#tag(random.pick(['else', '^'])) + this.body(place, depth)
      : text
  }

  #head(helper: string, place: Place): { readonly head: string; readonly inner: Place } {
    const random = this.#random
    if (helper === 'if' || helper === 'unless') {
      const zero = random.chance(0.15) ? ' includeZero=true' : ''
      return { head: `${helper} ${this.#path(place)}${zero}`, inner: place }
    }
    const name = helper === 'each' ? random.pick(collections) : random.pick(things)
    const parameters = random.pick([
      [],
      [],
      ['item'],
      helper === 'each' ? ['item', 'at'] : ['item']
    ])
    const as = parameters.length === 0 ? '' : ` as |${parameters.join(' ')}|`
    const value = values[name] ?? null
    const items = helper === 'each' && isContainer(value) ? Object.values(value) : [value]
    const inner: Place = {
      context: items[0] ?? null,
      above: [place.context, ...place.above],
      isLoop: helper === 'each' || place.isLoop,
      names: [...parameters, ...place.names]
    }
    return { head: `${helper} @root.Values.${name}${as}`, inner }
  }

  #path({ context, above, isLoop, names }: Place): string {
    const random = this.#random
    const root = `@root.Values.${random.pick(scalars)}`
    const choices: [string, ...string[]] = [
      root,
      root,
      '@root.Values.map.[odd key]',
      '@root.Values.objects.1.o.n'
    ]
    choices.push('@root.Values.list.[1]')
    if (isLoop) choices.push('@index', '@key', '@first', '@last')
    if (typeof context !== 'object') choices.push('this', '.')
    if (isRecord(context)) choices.push(...membersOf(context, ['', 'this.', './']))
    // Handlebars counts a block whose context is that of the block around it as no block.
    const isRepeated = new Set([context, ...above]).size <= above.length
    if (isRepeated) return random.pick(choices)
    if (isRecord(above[0])) choices.push(...membersOf(above[0], ['../']))
    if (isRecord(above[1])) choices.push(...membersOf(above[1], ['../../']))
    if (names.length > 0) choices.push(...names)
    return random.pick(choices)
  }
}

const scalars = ['yes', 'no', 'zero', 'one', 'half', 's', 'empty'] as const
const collections = ['list', 'none', 'objects', 'map', 'nothing'] as const
const things = ['s', 'one', 'map', 'no', 'empty', 'none', 'nothing', 'yes', 'zero'] as const

function isContainer(value: JsonValue): value is JsonObject | JsonValue[] {
  return typeof value === 'object' && value !== null
}

function isRecord(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !('Values' in value)
  )
}

function membersOf(value: JsonObject, prefixes: readonly string[]): readonly string[] {
  return Object.entries(value)
    .filter(([, member]) => typeof member !== 'object')
    .flatMap(([key]) => prefixes.map(prefix => prefix + (key.includes(' ') ? `[${key}]` : key)))
}
