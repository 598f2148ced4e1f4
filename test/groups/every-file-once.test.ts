import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { readYaml } from '../../common/yaml/read.ts'
import { groups } from './groups.ts'

const names = Object.keys(groups)

t.test('npm test runs each test file exactly once: alone, or in one group', t => {
  const alone = execFileSync('npx', ['tap', 'list'], { encoding: 'utf8' }).trim().split('\n')
  const together = Object.values(groups).flatMap(patterns => globSync(patterns))
  t.same([...alone, ...together].sort(), globSync('test/**/*.test.ts').sort())
  t.ok(together.length > 150, `${together.length} files start no process`)
  t.end()
})

t.test('Each group is a file that the runner starts, and each of its patterns names files', t => {
  const starters = globSync('test/groups/!(every-file-once|run-together).test.ts')
  t.same(starters.map(file => path.basename(file, '.test.ts')).sort(), names.toSorted())
  for (const name of names) {
    const text = readFileSync(`test/groups/${name}.test.ts`, 'utf8')
    t.equal(text, `import { runTogether } from './run-together.ts'\n\nrunTogether('${name}')\n`)
  }
  for (const pattern of Object.values(groups).flat()) t.not(globSync(pattern).length, 0, pattern)
  t.end()
})

t.test('The runner leaves to the groups what the groups name', t => {
  const [settings] = readYaml(readFileSync('.taprc', 'utf8'), { file: '.taprc' })
  t.match(settings?.value, { exclude: Object.values(groups).flat() })
  t.end()
})
