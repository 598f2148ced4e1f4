import t from 'tap'
import { UsageError } from '../../common/command.ts'
import { optionLines, readOptions } from '../../common/options.ts'

const table = {
  'from-file': { argument: 'FILE', variable: 'FROM_FILE', unit: 'file', description: 'a file' },
  set: { argument: 'a=b', isRepeated: true, unit: 'text', description: 'a value' },
  form: {
    argument: 'FORM',
    default: 'x',
    oneOf: ['x', 'y'],
    unit: 'x or y',
    description: 'a form'
  },
  quiet: { unit: 'switch', description: 'say less' }
} as const

const read = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  try {
    return readOptions(table, { args, env })
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
}

t.test('an option wins over its variable, a variable over the default', t => {
  t.match(read([]), {
    given: { 'from-file': undefined, set: [], form: 'x', quiet: false },
    positionals: [],
    isHelp: false
  })
  const args = ['p', '--from-file', 'f', '--set', 'a=1', '--set=-b', '--form=y', '--quiet', '-']
  t.match(read(args, { FROM_FILE: 'v' }), {
    given: { 'from-file': 'f', set: ['a=1', '-b'], form: 'y', quiet: true },
    positionals: ['p', '-'],
    named: new Set(['from-file', 'set', 'form', 'quiet'])
  })
  t.match(read([], { FROM_FILE: 'v' }), { given: { 'from-file': 'v' }, named: new Set() })
  t.match(read([], { FROM_FILE: '' }), { given: { 'from-file': undefined } }, 'empty is absent')
  t.match(read(['--help', '--nope']), { isHelp: true })
  t.match(read(['--', '--nope']), { positionals: ['--nope'] })
  t.end()
})

t.test('every problem of a command line is reported at once', t => {
  t.equal(
    read(['--nope', '-x', '--form', 'z', '--quiet=1', '--from-file']),
    "Unknown option '--nope'; Unknown option '-x'; --quiet takes no value; --from-file needs FILE; --form is one of x, y"
  )
  t.equal(
    read(['--from-file', '--quiet', '--form', 'x', '--form', 'y', '--__proto__']),
    "--from-file needs FILE (write --from-file=FILE if it starts with a dash); --form is given twice; Unknown option '--__proto__'"
  )
  t.end()
})

t.test('the usage text comes from the table', t => {
  t.equal(
    optionLines(table),
    `  --from-file FILE  a file (or FROM_FILE)
  --set a=b         a value (may be repeated)
  --form FORM       a form (default x)
  --quiet           say less
  --help
`
  )
  const long = { quiet: { unit: 'switch', description: `say less${' of all of it'.repeat(9)}` } }
  t.equal(
    optionLines(long),
    `  --quiet  say less of all of it of all of it of all of it of all of it of all of it of all of it of all of it
           of all of it of all of it
  --help
`,
    'a long description wraps'
  )
  t.end()
})
