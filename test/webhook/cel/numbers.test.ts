import t from 'tap'
import { judge } from './judge-expression.ts'

t.test('int() and double() parse exactly, or fail', t => {
  const holds = [
    'int("-12") == -12 && int("+7") == 7 && int("0012") == 12',
    'int("9223372036854775807") == 9223372036854775807',
    'double("1") == 1.0 && double("-1.") == -1.0 && double(".25") == 0.25',
    'double("+12.25") == 12.25 && double("1.5e1") == 15.0 && double("1E+10") == 1e10',
    'double("25e-02") == 0.25'
  ]
  for (const expression of holds) t.same(judge(expression), [], expression)
  const fails = (expression: string, reason: string) => {
    const text = `Job: the expression fails: ${reason}; found ${expression}`
    t.same(judge(expression), [text], expression)
  }
  for (const text of ['', '0x10', '1.0', ' 1', '1 ', '--1', '1e3', '9'.repeat(20)]) {
    fails(`int("${text}") == 0`, 'the text is not a valid int')
  }
  fails('int("9223372036854775808") > 0', 'the int is out of range')
  fails('int("-9223372036854775809") > 0', 'the int is out of range')
  for (const text of ['', 'x', '.', '1.x', '.x', 'x1', '1x', '1e', '1e1.5', '1_0', 'Infinity']) {
    fails(`double("${text}") == 0.0`, 'the text is not a valid double')
  }
  t.end()
})

t.test('Quantities compare by value', t => {
  for (const expression of [
    'quantity(object.spec.memory).isGreaterThan(quantity("1Gi"))',
    'quantity(object.spec.cpu).isLessThan(quantity(1))',
    '!quantity("1Gi").isGreaterThan(quantity("1024Mi"))',
    '!quantity("1Gi").isLessThan(quantity("1024Mi"))',
    'quantity("1024Mi") == quantity("1Gi") && quantity("0.5").compareTo(quantity("500m")) == 0',
    'quantity("-1").compareTo(quantity(0.5)) == -1 && quantity("2").compareTo(quantity("1e0")) == 1',
    'isQuantity("1e3") && !isQuantity("1 Gi") && !isQuantity("") && !isQuantity(".")'
  ]) {
    t.same(judge(expression), [], expression)
  }
  t.same(judge('quantity("1 Gi") == quantity("1Gi")'), [
    'Job: the expression fails: the text is not a quantity; found quantity("1 Gi") == quantity("1Gi")'
  ])
  for (const map of [
    'object.spec',
    '{"billionths": 1}',
    '{"billionths": "x1"}',
    '{"billionths": "1x"}',
    '{"billionths": "1", "more": "1"}'
  ]) {
    const expression = `${map}.isLessThan(quantity("1"))`
    const text = `Job: the expression fails: this is not a quantity; found ${expression}`
    t.same(judge(expression), [text], 'an object cannot pass for a quantity')
  }
  t.end()
})

t.test('Quantities are rounded up as in Kubernetes, in every notation', t => {
  const same: readonly (readonly [string, string])[] = [
    ['1n', '0.0000000001'],
    ['-1n', '-0.0000000001'],
    ['1E', '1e18'],
    ['1Ei', '1152921504606846976'],
    ['1u', '0.000001'],
    ['+.5k', '500.'],
    ['2P', '2000T'],
    ['1M', '1e6'],
    ['1G', '1000M'],
    ['1Ti', '1024Gi'],
    ['1Pi', '1024Ti'],
    ['1Ki', '1.024k'],
    ['0.0000000010', '1n'],
    ['0.0000000011', '2n']
  ]
  for (const [a, b] of same) {
    t.same(judge(`quantity("${a}") == quantity("${b}")`), [], b)
  }
  for (const text of ['1KI', '1.5.5', '--1', '1e', '1e999', 'Gi', '１', '9'.repeat(41)]) {
    t.same(judge(`!isQuantity("${text}")`), [], text)
  }
  t.end()
})
