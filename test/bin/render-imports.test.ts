import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'

/** Every module of ours that a module loads when it is loaded. */
function loadedBy(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const source = readFileSync(file, 'utf8')
  for (const [, target = ''] of source.matchAll(
    /^(?:import|export) (?!type )[^;]*?from '(\.[^']+\.ts)'/gm
  )) {
    loadedBy(path.join(path.dirname(file), target), seen)
  }
  return seen
}

t.test('render loads no server and no Kubernetes client', t => {
  const rendering = [...loadedBy('plugin/render-command.ts')]
  t.ok(rendering.length > 40, 'it is read at all')
  t.same(
    rendering.filter(file => /^(?:service|webhook|analysis)\//.test(file)),
    []
  )
  t.ok([...loadedBy('webhook/serve-command.ts')].includes('service/kubernetes/transport.ts'))
  t.end()
})
