import t from 'tap'
import { configMap, render, TestRepository } from './repository.ts'

t.test('a missing value without an environment names the environments', async t => {
  const repository = new TestRepository({
    'a/x.yaml': configMap('v: {{ .Values.host }}'),
    'configs/production.yaml': 'host: p\n',
    'a/configs/staging.yaml': 'host: s\n',
    'b/x.yaml': configMap('v: 1')
  })
  t.teardown(() => {
    repository.remove()
  })
  const { stderr, exitCode } = await render(repository.folder, 'a')
  t.equal(exitCode, 1)
  t.match(
    stderr,
    /^mlgitops: a\/x\.yaml:6:9: no value for \.Values\.host, and no environment was given \[TEMPLATE_VALUE_MISSING\]\n/
  )
  t.match(stderr, '  expected: one of the environments "production", "staging"\n')
  t.match(stderr, '  remedy:   Set --environment, or the parameter "environment" in Argo CD.')
  t.equal((await render(repository.folder, 'a', '--environment', 'staging')).exitCode, 0)
})

t.test('an environment where none is defined', async t => {
  const repository = new TestRepository({ 'a/x.yaml': configMap('v: 1') })
  t.teardown(() => {
    repository.remove()
  })
  const { stderr } = await render(repository.folder, 'a', '--environment', 'prod')
  t.match(stderr, '  expected: no environment: the repository defines none\n')
})
