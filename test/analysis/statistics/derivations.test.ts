import { globSync, readFileSync } from 'node:fs'
import t from 'tap'

/** Arithmetic that needs no derivation of its own. */
const arithmetic = ['analysis/statistics/interval.ts', 'analysis/statistics/numeric/']

t.test('every module of the statistics names the section that derives its formula', t => {
  const modules = globSync('analysis/statistics/**/*.ts').filter(
    file => !arithmetic.some(known => file.startsWith(known))
  )
  t.ok(modules.length > 20, `${modules.length} modules`)
  const silent = modules.filter(
    file => !/docs\/statistics(\/\w+)?\.md/.test(readFileSync(file, 'utf8'))
  )
  t.same(silent, [])
  t.end()
})
