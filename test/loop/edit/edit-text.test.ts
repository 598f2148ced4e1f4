import t from 'tap'
import { describeFault, isFault } from '../../../common/fault.ts'
import { readYaml } from '../../../common/yaml/read.ts'
import { readAssignment } from '../../../loop/edit/assignment.ts'
import { editText } from '../../../loop/edit/edit-text.ts'

/** A text with its white space and line separators visible. */
const escape = (text: string) => JSON.stringify(text).replace(/\u2028/g, '\\u2028')

/** The file after an assignment `PATH=VALUE`, or the message of the fault. */
function set(text: string, assignment: string, file = 'values.yaml'): string {
  try {
    return editText(text, { ...readAssignment(`${file}:${assignment}`), file: 'values.yaml' }).text
  } catch (error) {
    if (isFault(error)) return describeFault(error)
    throw error
  }
}

t.test('only the characters of the value change', t => {
  const cases = [
    ['a comment stays', 'a: 1 # keep\n', 'a=5', 'a: 5 # keep\n'],
    ['a flow mapping stays', 'm: {b: 1, c: 2} # x\n', 'm.b=5', 'm: {b: 5, c: 2} # x\n'],
    ['quotes stay', 'a: \'x\'\nb: "y"\n', 'a=z', 'a: \'z\'\nb: "y"\n'],
    ['a quote in quotes', "a: 'x'\n", "a=it's", "a: 'it''s'\n"],
    ['line ends stay', 'a: 1\r\nb: 2\r\n', 'b=3', 'a: 1\r\nb: 3\r\n'],
    ['a byte order mark stays', '\uFEFFa: 1\nb: 2', 'b=3', '\uFEFFa: 1\nb: 3'],
    ['no final line feed is added', 'a: 1', 'a=2', 'a: 2'],
    [
      'folds, blank lines and alignment stay',
      'x:   1e3\n\n\ny: >\n  a\n  b\nz:  2\n',
      'z=3',
      'x:   1e3\n\n\ny: >\n  a\n  b\nz:  3\n'
    ],
    [
      'digits elsewhere stay',
      'n: 007\nm: 12345678901234567890\na: 1\n',
      'a=2',
      'n: 007\nm: 12345678901234567890\na: 2\n'
    ],
    ['text on several lines becomes one', 'a: one\n  two\nb: 1\n', 'a=x', 'a: x\nb: 1\n'],
    ['an empty value', 'a: # later\nb: 1\n', 'a=x', 'a: x # later\nb: 1\n'],
    ['an empty value in braces', 'm: {a: , b: 1}\n', 'm.a=x', 'm: {a: x , b: 1}\n'],
    ['an item of a list', 'l:\n- a: 1\n- a: 2\n', 'l[1].a=3', 'l:\n- a: 1\n- a: 3\n'],
    ['an item with a dot', 'l: [x, y]\n', 'l.1=z', 'l: [x, z]\n'],
    ['a key with a dot', 'a.b: 1\na: {b: 2}\n', 'a\\.b=3', 'a.b: 3\na: {b: 2}\n'],
    ['a key in quotes', '"a b": 1\n', 'a b=2', '"a b": 2\n'],
    [
      'a field beside a template',
      'image: {{ .Values.x }}\nreplicas: 1\n',
      'replicas=2',
      'image: {{ .Values.x }}\nreplicas: 2\n'
    ],
    ['the same value', 'a: x\n', 'a=x', 'a: x\n']
  ] as const
  for (const [name, text, assignment, expected] of cases) {
    t.equal(set(text, assignment), expected, name)
  }
  t.end()
})

t.test('a value keeps its type where the text can have it, and is quoted elsewhere', t => {
  const cases = [
    ['n: 3', 'n=5', 'n: 5'],
    ['n: 0.9', 'n=0.85', 'n: 0.85'],
    ['n: 1.9', 'n=1.10', 'n: "1.10"'],
    ['n: 3', 'n=abc', 'n: abc'],
    ['n: 3', 'n=007', 'n: "007"'],
    ['n: 3', 'n=1e3', 'n: "1e3"'],
    ['n: 3', 'n=9007199254740993', 'n: 9007199254740993'],
    ['n: 3', 'n=9223372036854775808', 'n: "9223372036854775808"'],
    ['b: true', 'b=false', 'b: false'],
    ['b: yes', 'b=true', 'b: true'],
    ['s: v1', 's=07e1234', 's: "07e1234"'],
    ['s: v1', 's=1234567', 's: "1234567"'],
    ['s: v1', 's=no', 's: "no"'],
    ['s: v1', 's=Null', 's: "Null"'],
    ['s: v1', 's=2024-01-01', 's: "2024-01-01"'],
    ['s: v1', 's=0o17', 's: "0o17"'],
    ['s: v1', 's=1:30', 's: "1:30"'],
    ['s: v1', 's=x: y', 's: "x: y"'],
    ['s: v1', 's=@x', 's: "@x"'],
    ['s: v1', 's=', 's: ""'],
    ['s: v1', 's= x ', 's: " x "'],
    ['s: v1', 's=a\nb: 1', 's: "a\\nb: 1"'],
    ['s: v1', 's=a\u0085b', 's: "a\\u0085b"'],
    ['s: "v1"', 's=1.10', 's: "1.10"'],
    ['l: [a]', 'l.0=b, c', 'l: ["b, c"]'],
    ['z: ~', 'z=5', 'z: "5"'],
    ['z: ~', 'z=null', 'z: null']
  ] as const
  for (const [text, assignment, expected] of cases) {
    t.equal(set(`${text}\n`, assignment), `${expected}\n`, `${text} ${JSON.stringify(assignment)}`)
  }
  t.end()
})

t.test('the result names the type that is lost', t => {
  t.strictSame(editText('n: 1.9\n', readAssignment('f.yaml:n=1.10')), {
    text: 'n: "1.10"\n',
    where: 'f.yaml:1:4',
    isChanged: true,
    lostType: 'number'
  })
  t.end()
})

t.test('what cannot be proved is refused with its place', t => {
  const byHand = 'remedy:   Add the field by hand once: only fields that are there are set.'
  const shared = `the field is shared by an anchor and its aliases [SET_SHARED]`
  const everyPlace =
    'remedy:   Write the value where it is used; an edit would change every place of the alias.'
  const inValues = 'remedy:   Set a field of a value file in place of it.'
  const cases = [
    ['a: 1\n', 'b=2', `1:1: there is no field b [SET_PATH_MISSING]\n  found:    "a"\n  ${byHand}`],
    [
      'l: [a]\n',
      'l.1=2',
      `1:1: there is no field l.1 [SET_PATH_MISSING]\n  found:    a list of 1\n  ${byHand}`
    ],
    [
      'm: {a: 1}\n',
      'm=2',
      '1:1: the field is not a single value [SET_NOT_SCALAR]\n  found:    a mapping\n  remedy:   Name a field in it.'
    ],
    [
      'x: 1\na: 1\na: 2\n',
      'a=3',
      '2:1: the key "a" is there twice [SET_AMBIGUOUS]\n  remedy:   Remove one of them.'
    ],
    ['b: &v 1\nc: *v\n', 'b=2', `1:5: ${shared}\n  found:    &v\n  ${everyPlace}`],
    ['b: &v 1\nc: *v\n', 'c=2', `2:5: ${shared}\n  found:    *v\n  ${everyPlace}`],
    ['d: &d\n  a: 1\nc:\n  <<: *d\n', 'd.a=2', `1:5: ${shared}\n  found:    &d\n  ${everyPlace}`],
    [
      'd: &d {a: 1}\nc:\n  <<: *d\n  b: 1\n',
      'c.a=2',
      '2:1: there is no field c.a [SET_PATH_MISSING]\n  found:    "<<", "b"\n  remedy:   A merge key (<<) may bring it: write the field itself once by hand.'
    ],
    [
      'a: !!str 1\n',
      'a=2',
      '1:4: the field has a YAML tag [SET_NOT_SCALAR]\n  remedy:   Remove the tag.'
    ],
    [
      'a: |\n  x\n',
      'a=2',
      '2:1: the field is a block of lines [SET_NOT_SCALAR]\n  remedy:   Write it in quotes on one line once by hand.'
    ],
    [
      'a: "{{ .Values.x }}"\n',
      'a=2',
      `1:4: the field is written by a template [SET_TEMPLATE]\n  ${inValues}`
    ],
    [
      'a: v-${GIT_COMMIT}\n',
      'a=2',
      `1:4: the field is written by a template [SET_TEMPLATE]\n  ${inValues}`
    ],
    [
      '# {{ if .Values.x }}\na: 1\n# {{ end }}\n',
      'a=2',
      `2:4: the field stands within a block of a template [SET_TEMPLATE]\n  ${inValues}`
    ],
    [
      'a: 1\n',
      'a={{ .Values.x }}',
      '1:4: the new value has the braces of a template [SET_TEMPLATE]\n  remedy:   Set a literal value.'
    ],
    [
      '{{- if .Values.x }}\na: 1\n{{- end }}\n',
      'a=2',
      '1:3: not valid YAML, so no field of it can be set [YAML_INVALID]\n  remedy:   A template with control blocks is not YAML: set a field of a value file in place of it.'
    ]
  ] as const
  for (const [text, assignment, expected] of cases) {
    t.equal(set(text, assignment), `values.yaml:${expected}`, text)
  }
  t.equal(
    set('b: yes\n', 'b=no'),
    'values.yaml:1:4: not a clear value for a boolean [SET_VALUE]\n  found:    "no"\n  expected: true or false'
  )
  t.end()
})

t.test('a document is named by its number, or is the only one with the path', t => {
  const two = 'a: 1\n---\na: 2\nb: 1\n'
  t.equal(set(two, 'a=3', 'values.yaml#2'), 'a: 1\n---\na: 3\nb: 1\n')
  t.equal(set(two, 'b=3'), 'a: 1\n---\na: 2\nb: 3\n')
  t.equal(
    set(two, 'a=3'),
    'values.yaml: 2 documents have a [SET_AMBIGUOUS]\n  remedy:   Name the document: values.yaml#1:a.'
  )
  t.equal(
    set(two, 'a=3', 'values.yaml#3'),
    'values.yaml: the file has no document 3 [SET_PATH_MISSING]\n  found:    2 documents'
  )
  t.equal(set(two, 'c=3'), 'values.yaml: no document has c [SET_PATH_MISSING]')
  t.end()
})

t.test('kubectl reads the text that was asked for, whatever it is', t => {
  const texts =
    ' |~|y|1_000|0x1F|.5|+1|-|- a|? b|[a|{a|&a|*a|!a|%a|`a|"a|\'a|a"b\'c|a: b|a #b|#a|é|😀|\t|a\tb|\\n|\u2028|=|<<|.inf|190:20:30|...|---|123e|NaN|a,b|}]'.split(
      '|'
    )
  const shapes = ['a: x\n', "a: 'x'\n", 'a: "x"\n', 'a: x y\n  z\n', '- {a: x, b: 1}\n', 'a:\n']
  for (const shape of shapes) {
    for (const text of ['', ...texts]) {
      const isList = shape.startsWith('-')
      const result = set(shape, `${isList ? '0.' : ''}a=${text}`)
      const value = readYaml(result, { file: 'f' })[0]?.value
      const root = (isList ? (value as readonly unknown[])[0] : value) as { readonly a: unknown }
      t.equal(root.a, text, `${JSON.stringify(shape)} ${escape(text)}`)
    }
  }
  t.end()
})
