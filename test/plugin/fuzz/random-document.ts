import type { Random } from './random.ts'

const scalars = [
  ...[
    'yes',
    'No',
    'on',
    'y',
    'n',
    'true',
    'FALSE',
    'null',
    '~',
    '',
    'Null',
    'nULL',
    'a b',
    'a',
    '-'
  ],
  ...[
    '0777',
    '0o17',
    '0x1F',
    '0b11',
    '08',
    '1_000',
    '+1',
    '-0',
    '1e3',
    '1.5e400',
    '.5',
    '5.',
    '1.0',
    '0.1'
  ],
  ...[
    '9007199254740993',
    '18446744073709551615',
    '18446744073709551616',
    '-9223372036854775808',
    '00'
  ],
  ...[
    '2026-01-01',
    '12:30:45',
    '1:2',
    'a:b',
    'a#b',
    'a #b',
    '<<',
    '=',
    '.inf',
    '.NaN',
    '-.5',
    '0.0',
    '1e-7'
  ],
  ...[
    '"a\\tb"',
    '"\\x41\\u00e9"',
    "'it''s'",
    '"a\n  b"',
    "'a\n\n  b'",
    '"\\\n  x"',
    '"\\/ \\e"',
    '? a',
    '- a'
  ],
  ...[
    '!!str 1',
    '!!int "1"',
    '!!float 1',
    '!!bool yes',
    '! 1',
    '!!binary aGk=',
    '!!null ""',
    '!x 1'
  ],
  ...[
    '@a',
    '`a',
    '%a',
    '*a',
    '&a',
    '!a',
    '|',
    '>',
    '[a',
    '{a',
    'a]',
    'a}',
    'a,b',
    '- - a',
    '1__0',
    '_1',
    '1_'
  ],
  ...['é', '🙂', '\u00a0', 'a\tb', '\ta', 'a \t', '0x', '0b2', '1e', '1.2.3', '-', '--', '---a'],
  ...[
    'a?b',
    'http://x',
    'a:',
    'a:[b',
    '? ',
    'a: b',
    '?a',
    ':a',
    ':',
    'a\u2028b',
    '\u0085',
    '"a\u2028b"',
    "'\u0085'",
    '# c\u0085d: 1',
    '\uFEFFa',
    'a\r',
    '\r'
  ]
] as const
const keys = [
  'a',
  'b',
  'c',
  'y',
  '1',
  '0x10',
  'null',
  '"q"',
  "'r'",
  '1.5',
  'a b',
  '<<',
  'true',
  '1e3',
  '? a',
  ''
] as const

/** Random YAML of one document, often with a mistake. */
export function randomDocument(random: Random): string {
  const maker = new DocumentMaker(random)
  let text = random.pick([
    '',
    '',
    '',
    '---\n',
    '# c\n',
    '\n',
    '\uFEFF',
    '--- # c\n',
    '%YAML 1.1\n---\n'
  ])
  text += maker.mapping('', 3)
  if (random.chance(0.1)) text = text.replaceAll('\n', '\r\n')
  if (random.chance(0.1)) text = text.replace(/\n$/, '')
  if (random.chance(0.05)) text += random.pick(['...\n', '# end', '\n\n', ' \n', '\t\n'])
  if (!random.chance(0.25)) return text
  const at = random.integer(text.length)
  const other = random.pick([
    '',
    ' ',
    '\n',
    ':',
    '-',
    '#',
    '\t',
    '"',
    "'",
    '{',
    '}',
    '[',
    ',',
    '&a ',
    '*a',
    '|',
    '\r'
  ])
  return text.slice(0, at) + other + text.slice(at + random.integer(2))
}

class DocumentMaker {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  mapping(indent: string, depth: number): string {
    const entries = this.#random.texts(4, () => `${indent}${this.#entry(indent, depth)}`)
    return entries === '' ? `${indent}z: 1\n` : entries
  }

  #entry(indent: string, depth: number): string {
    const random = this.#random
    const key = random.pick(keys)
    const value = this.#value(indent, depth)
    if (key === '<<' && random.chance(0.7))
      return `<<: ${random.pick(['*a', '[*a, *b]', '{k: 1}'])}\n`
    return `${key}:${random.chance(0.05) ? random.pick(['\t', '  ', '']) : value.startsWith('\n') ? '' : ' '}${value}`
  }

  #value(indent: string, depth: number): string {
    const random = this.#random
    const roll = random.next()
    const mark = random.chance(0.1) ? random.pick(['&a ', '&b ', '!!map ', '!!str ', '*a ']) : ''
    const comment = random.chance(0.08) ? ' # c' : ''
    if (depth === 0 || roll < 0.5) return `${mark}${this.#scalar()}${comment}\n`
    if (roll < 0.58) return this.#blockScalar(indent)
    if (roll < 0.68) return `${mark}${this.#flow(depth)}${comment}\n`
    const deeper = indent + random.pick(['  ', '  ', ' ', '    '])
    if (roll < 0.85) return `${mark.trim()}${comment}\n${this.mapping(deeper, depth - 1)}`
    const at = random.pick([deeper, indent])
    return `${comment}\n${this.#sequence(at, depth - 1)}`
  }

  #sequence(indent: string, depth: number): string {
    const random = this.#random
    const item = () => {
      if (random.chance(0.3)) return `${indent}- ${this.mapping(`${indent}  `, depth).trimStart()}`
      return `${indent}- ${this.#value(indent, depth)}`
    }
    return item() + random.texts(2, item)
  }

  #blockScalar(indent: string): string {
    const random = this.#random
    const head = random.pick(['|', '>', '|-', '>-', '|+', '>+', '|2', '>1-', '|-2'])
    const line = () =>
      random.pick([
        `${indent}  text\n`,
        `${indent}   more\n`,
        '\n',
        `${indent}  # c\n`,
        `${indent}  a: b\n`,
        `${indent} \n`,
        `${indent}  \ttab \n`
      ])
    return `${head}${random.chance(0.1) ? ' # c' : ''}\n${line()}${random.texts(4, line)}`
  }

  #flow(depth: number): string {
    const random = this.#random
    const item = () => (depth > 1 && random.chance(0.2) ? this.#flow(depth - 1) : this.#scalar())
    const space = () => random.pick(['', '', ' ', '\n  ', ' # c\n  '])
    const items = Array.from({ length: random.integer(4) }, item)
    const end = random.chance(0.1) ? ',' : ''
    if (random.chance(0.5)) return `[${space()}${items.join(`,${space()} `)}${end}${space()}]`
    const members = items.map(
      value => `${random.pick(keys)}:${random.chance(0.9) ? ' ' : ''}${value}`
    )
    return `{${space()}${members.join(`,${space()} `)}${end}${space()}}`
  }

  #scalar(): string {
    return this.#random.pick(scalars)
  }
}
