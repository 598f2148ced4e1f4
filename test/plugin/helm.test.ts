import t from 'tap'
import { Fault, describeFault } from '../../common/fault.ts'
import { stringifyJson } from '../../common/json.ts'
import { renderTemplate } from '../../plugin/template/render-template.ts'

const values = { s: 'hello', yes: 'yes', i: 42 }

function renderedOrFault(expression: string): string {
  try {
    const documents = renderTemplate('t.yaml', `a: {{ ${expression} }}`, { values, variables: {} })
    return stringifyJson(documents.map(({ value }) => value))
  } catch (error) {
    if (error instanceof Fault) return describeFault(error)
    throw error
  }
}

t.test('expressions print what helm 3.22 prints', t => {
  const cases: readonly [string, string][] = [
    ['printf "%.0f" 2.5', '"2"'],
    ['printf "%.0f" 3.5', '"4"'],
    ['printf "%.1f" 0.25', '"0.2"'],
    ['printf "%+.1f" 2.25', '"+2.2"'],
    ['printf "%.1f" -0.25', '"-0.2"'],
    ['printf "%.2f" 1.005', '"1.00"'],
    ['printf "%.2f" 1.015', '"1.01"'],
    ['printf "%f" 1e21', '"1000000000000000000000.000000"'],
    ['printf "%.0e" 2.5', '"2e+00"'],
    ['printf "%.2e" 12345.0', '"1.23e+04"'],
    ['printf "%g" 100000.0', '"100000"'],
    ['printf "%g" 1000000.0', '"1e+06"'],
    ['printf "%g" 123456789.0', '"1.23456789e+08"'],
    ['printf "%g" 0.0001', '"0.0001"'],
    ['printf "%g" 0.00001234', '"1.234e-05"'],
    ['printf "%.3g" 1234567.0', '"1.23e+06"'],
    ['printf "%.3g" 0.00001234', '"1.23e-05"'],
    ['printf "%.10g" 100000.0', '"100000"'],
    ['printf "%.3v" 3.14159', '"3.14"'],
    ['printf "%05v" -42', '"-0042"'],
    ['printf "%05d" -42', '"-0042"'],
    ['printf "%05s" "ab"', '"000ab"'],
    ['printf "%08.3f" 3.14159', '"0003.142"'],
    ['printf "%.3d|%6.3d|%06.3d" 5 -5 5', '"005|  -005|   005"'],
    ['printf "%.0d|%+.2d" 0 5', '"|+05"'],
    ['printf "%+x|%+06x|%.4x|%.1x" 255 255 255 "abc"', '"+ff|+000ff|00ff|61"'],
    ['printf "%.1s|%4s|%-4s|" "😀x" "😀" "😀"', '"😀|   😀|😀   |"'],
    ['printf "%.2v|%+v|%+.2v|%.2q" "abc" 5 1.55 "abc"', '"ab|5|1.6|\\"ab\\""'],
    ['printf "%+c" 65', '"A"'],
    ['kebabcase "foo - bar"', '"foo---bar"'],
    ['kebabcase "a__b"', '"a--b"'],
    ['kebabcase "K8sModel"', '"k-8s-model"'],
    ['kebabcase "abc123def"', '"abc-123def"'],
    ['kebabcase "GPT4Model"', '"gpt4-model"'],
    ['kebabcase "resnet50V2"', '"resnet50-v2"'],
    ['kebabcase "churn_prediction_v2"', '"churn-prediction-v2"'],
    ['0777', '511'],
    ['ternary "a" "b" (eq .Values.yes "yes")', '"a"']
  ]
  for (const [expression, json] of cases)
    t.equal(renderedOrFault(expression), `[{"a":${json}}]`, expression)
  t.end()
})

t.test('expressions that helm guesses at, or prints an error for, are faults', t => {
  const cases: readonly [string, RegExp][] = [
    [
      'ternary "a" "b" .Values.yes',
      /^t\.yaml:1:7: ternary needs a boolean condition \[TEMPLATE_TYPE\]\n {2}found: {4}a string\n {2}remedy: {3}Compare: ternary "a" "b" \(eq \.Values\.x "true"\)\.$/
    ],
    [
      'ternary "a" "b" .Values.nope',
      /^t\.yaml:1:7: ternary needs a boolean condition.*\n.*no value for \.Values\.nope/
    ],
    [
      'int "010"',
      /^t\.yaml:1:7: int rejects leading zeros \[TEMPLATE_TYPE\]\n {2}found: {4}a string$/
    ],
    ['int "-08"', /int rejects leading zeros/],
    ['08', /"08" is not valid here/],
    ['printf "% d" 5', /"%" without a verb/],
    ['printf "%#x" 255', /"%" without a verb/],
    ['printf "%.2v" 5', /the value does not fit %v/],
    ['printf "%.2s" 1.55', /the value does not fit %s/],
    ['printf "%+q" "ä"', /the value does not fit %q/],
    ['printf "%c" 1114112', /the value does not fit %c/],
    ['printf "%c" 55296', /the value does not fit %c/],
    ['printf "%c" 65.5', /the value does not fit %c/],
    [
      '(fromJson "{}").a',
      /^t\.yaml:1:\d+: a field of a parenthesized expression is not supported \[TEMPLATE_SYNTAX\]\n {2}remedy: {3}\{\{#with \(…\)\}\}\{\{ this\.a \}\}\{\{\/with\}\} reads it\. To keep braces for another tool write/
    ],
    [
      '@index',
      /^t\.yaml:1:7: no value for @index \[TEMPLATE_VALUE_MISSING\]\n {2}found: {4}unknown name\n {2}remedy: {3}@index and @key exist only in \{\{#each\}\}\.$/
    ],
    [
      '.Values.namespace',
      /remedy: {3}Pass --namespace; with Argo CD it is the destination namespace\.$/
    ],
    [
      '.Values.environment',
      /remedy: {3}Set --environment, or the parameter "environment" in Argo CD\.$/
    ],
    ['.Values.repoURL', /remedy: {3}Add a remote to the repository, or pass --repo-url\.$/],
    ['.Values.s | default', /wrong number of arguments for default \[.*\n {2}found: {4}1\n/]
  ]
  for (const [expression, message] of cases)
    t.match(renderedOrFault(expression), message, expression)
  t.end()
})
