import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'

/** Every module of ours, and every package, that a module loads when it is loaded. */
function loadedBy(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const source = readFileSync(file, 'utf8')
  for (const [, target = ''] of source.matchAll(
    /^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm
  )) {
    if (target.startsWith('.')) loadedBy(path.join(path.dirname(file), target), seen)
    else seen.add(target)
  }
  return seen
}

t.test('render loads no server and no Kubernetes client', t => {
  const rendering = [...loadedBy('plugin/render-command.ts')]
  t.ok(rendering.length > 40, 'the imports are found')
  t.same(
    rendering.filter(file => /^(?:service|webhook|analysis)\//.test(file)),
    []
  )
  t.notOk(rendering.includes('@kubernetes/client-node'))
  t.end()
})

t.test('only a process that connects to a cluster loads the Kubernetes client', t => {
  const commands = [
    'plugin/function/function-command.ts',
    'webhook/check/command.ts',
    'webhook/serve-command.ts',
    'plugin/flux/serve-command.ts',
    'analysis/serve-command.ts'
  ]
  for (const command of commands) {
    t.notOk(loadedBy(command).has('@kubernetes/client-node'), command)
  }
  t.ok(loadedBy('webhook/serve-command.ts').has('service/kubernetes/connect.ts'))
  t.match(
    readFileSync('service/kubernetes/connect.ts', 'utf8'),
    "await import('./connect-cluster.ts')"
  )
  t.ok(loadedBy('service/kubernetes/connect-cluster.ts').has('@kubernetes/client-node'))
  t.end()
})
