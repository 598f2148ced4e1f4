import t from 'tap'
import { groupFigures } from '../../evidence/bias-audit/group-figures.ts'

const group = (name: string, ...[tp, fp, fn, tn]: readonly [number, number, number, number]) => {
  return { name, n: tp + fp + fn + tn, selected: tp + fp, tp, fp, fn, tn }
}

t.test('Each group has its name, size and rates', t => {
  const figures = groupFigures([
    group('F', 30, 10, 20, 40),
    group('M', 40, 10, 10, 40),
    group('(missing)', 0, 0, 200, 0)
  ])
  t.same(figures, {
    smallest: [
      { group: 'F', people: 100 },
      { group: 'M', people: 100 },
      { group: '(missing)', people: 200 }
    ],
    largest: [
      { group: 'M', people: 100 },
      { group: 'F', people: 100 }
    ],
    rates: {
      selection: { lowest: { group: '(missing)', rate: 0 }, highest: { group: 'M', rate: 0.5 } },
      truePositive: { lowest: { group: '(missing)', rate: 0 }, highest: { group: 'M', rate: 0.8 } },
      falsePositive: {
        lowest: { group: '(missing)', rate: 0 },
        highest: { group: 'F', rate: 0.2 }
      },
      precision: { lowest: { group: '(missing)', rate: 0 }, highest: { group: 'M', rate: 0.8 } }
    },
    lacking: {
      'negative labels': { count: 1, groups: ['(missing)'] },
      'positive predictions': { count: 1, groups: ['(missing)'] }
    }
  })
  t.end()
})

t.test('A hundred groups take no more room than five', t => {
  const many = Array.from({ length: 100 }, (_, at) => group(`g${at}`, 0, at + 1, 0, 1))
  const { smallest, largest, lacking } = groupFigures(many)
  t.same(
    smallest.map(({ group: name }) => name),
    ['g0', 'g1', 'g2', 'g3', 'g4']
  )
  t.same(
    largest.map(({ group: name }) => name),
    ['g99', 'g98']
  )
  t.same(lacking, {
    'positive labels': { count: 100, groups: ['g0', 'g1', 'g2', 'g3', 'g4'] }
  })
  t.end()
})
