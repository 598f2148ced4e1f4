import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import t from 'tap'
import { block } from '../analysis/statistics/tables.ts'

const pages = [
  'docs/statistics.md',
  ...readdirSync('docs/statistics').map(name => `docs/statistics/${name}`)
]

/** Everything that `analysis/statistics` exports, by name. */
async function statistics(): Promise<Record<string, unknown>> {
  const folder = 'analysis/statistics'
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const modules = names.filter(name => name.endsWith('.ts'))
  const all: Record<string, unknown> = { block }
  for (const name of modules) {
    const url = pathToFileURL(path.resolve(folder, name)).href
    Object.assign(all, (await import(url)) as Record<string, unknown>)
  }
  return all
}

t.test('The lines of code of docs/statistics.md have the values that it says', async t => {
  const scope = await statistics()
  let values = 0
  for (const page of pages) {
    for (const [, code = ''] of readFileSync(page, 'utf8').matchAll(/```js\n([^]*?)```/g)) {
      const context = vm.createContext({ ...scope })
      for (const line of code.trimEnd().split('\n')) {
        const [statement = '', expected] = line.split(' // ')
        const found: unknown = vm.runInContext(statement, context)
        if (expected === undefined) continue
        values += 1
        t.same(found, vm.runInContext(`(${expected})`, context), `${page}: ${statement}`)
      }
    }
  }
  t.ok(values > 40, `${values} values`)
  t.end()
})
