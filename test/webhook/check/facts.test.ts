import t from 'tap'
import { configMap, deployment, policy, registryPolicy, TestFolder } from './folder.ts'

const cronJob = `---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly, namespace: ml, labels: { team: a } }
spec:
  jobTemplate:
    spec: { template: { spec: { containers: [{ image: "nginx:1" }, { image: "nginx:1" }, { image: other:2 }] } } }
`

const label = (key: string) => policy('Deny', `need-${key}`).replaceAll('key: team', `key: ${key}`)

function folderOf(files: Readonly<Record<string, string>>): TestFolder {
  const folder = new TestFolder(files)
  t.teardown(() => {
    folder.remove()
  })
  return folder
}

t.test('Three facts over three objects are three messages', async t => {
  const folder = folderOf({
    'p.yaml': label('team') + label('cost') + label('data'),
    'm.yaml': configMap('a') + configMap('b') + configMap('c')
  })
  const { stdout } = await folder.check('m.yaml', '--policies', 'p.yaml')
  const message = (key: string) => `  Deny need-${key} (labels): the label ${key} is missing
    field:   metadata.labels[${key}]
    allowed: any non-empty value
    fix:     set the label ${key}
`
  t.equal(
    stdout,
    `m.yaml:2: ConfigMap ml/a
m.yaml:8: ConfigMap ml/b
m.yaml:14: ConfigMap ml/c
${['cost', 'data', 'team'].map(message).join('')}
3 of 3 policies applied: 3 checked, 3 denied, 0 warned
`
  )
  for (const [output, count] of [
    ['json', /"policy": /g],
    ['sarif', /"level": /g],
    ['junit', /Deny need-/g]
  ] as const) {
    const { stdout: report } = await folder.check(
      'm.yaml',
      '--policies',
      'p.yaml',
      '--output',
      output
    )
    t.equal(report.match(count)?.length, 9, `${output} has one an object`)
  }
})

t.test(
  'A fact in different fields is one message, which names the object of each field',
  async t => {
    const folder = folderOf({ 'p.yaml': registryPolicy, 'm.yaml': deployment + cronJob })
    const { stdout } = await folder.check('m.yaml', '--policies', 'p.yaml')
    t.equal(
      stdout,
      `m.yaml:2: apps/Deployment ml/web
m.yaml:10: batch/CronJob ml/nightly
  Warn registry (from-ours): the image comes from a registry that is not allowed
    field:   spec.template.spec.containers[0].image of apps/Deployment ml/web
             spec.jobTemplate.spec.template.spec.containers[0].image of batch/CronJob ml/nightly
             spec.jobTemplate.spec.template.spec.containers[1].image of batch/CronJob ml/nightly
    found:   nginx:1 (docker.io/library/nginx)
    allowed: registry.example.com
    fix:     push the image to an allowed registry and reference it there

m.yaml:10: batch/CronJob ml/nightly
  Warn registry (from-ours): the image comes from a registry that is not allowed
    field:   spec.jobTemplate.spec.template.spec.containers[2].image
    found:   other:2 (docker.io/library/other)
    allowed: registry.example.com
    fix:     push the image to an allowed registry and reference it there

1 of 1 policies applied: 2 checked, 0 denied, 2 warned
`
    )
  }
)

t.test('Equal messages of two actions, policies or rules are two facts', async t => {
  const folder = folderOf({
    'p.yaml': policy('Deny', 'a') + policy('Deny', 'b') + policy('Warn', 'c'),
    'm.yaml': configMap('x') + configMap('y')
  })
  const { stdout } = await folder.check('m.yaml', '--policies', 'p.yaml')
  t.same(stdout.match(/^ {2}\w+ \w+ /gm), ['  Deny a ', '  Deny b ', '  Warn c '])
})
