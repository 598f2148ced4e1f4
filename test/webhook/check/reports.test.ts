import { mkdirSync } from 'node:fs'
import { parseXml, XmlElement } from '@rgrove/parse-xml'
import t from 'tap'
import { configMap, deployment, policy, registryPolicy, TestFolder } from './folder.ts'

const folder = new TestFolder({
  'policies/p.yaml':
    policy('Deny, Audit', 'need-team', '["Deployment"]') +
    policy('Warn', 'wants-team', '["ConfigMap"]') +
    policy('Audit', 'notes-team', '["Secret"]') +
    registryPolicy,
  'm/all.yaml':
    deployment +
    configMap('warned') +
    configMap('fine', 'a') +
    '---\napiVersion: v1\nkind: Secret\nmetadata: { name: noted }\n'
})
t.teardown(() => {
  folder.remove()
})

const missing = {
  field: 'metadata.labels[team]',
  message: 'the label team is missing; allowed: any non-empty value; fix: set the label team'
}
const foreign = {
  field: 'spec.template.spec.containers[0].image',
  message:
    'the image comes from a registry that is not allowed; found nginx:1 (docker.io/library/nginx); allowed: registry.example.com; fix: push the image to an allowed registry and reference it there'
}

async function report(output: string, target = 'm') {
  const { stdout, stderr, exitCode } = await folder.check(
    target,
    '--policies',
    'policies',
    '--output',
    output
  )
  t.same([stderr, exitCode], ['', 1])
  return stdout
}

t.test('Text names file, line, object, policy, rule, field, what is found and the fix', async t => {
  const text = await report('text')
  t.equal(
    text,
    `m/all.yaml:2: apps/Deployment ml/web
  Deny need-team (labels): the label team is missing
    field:   metadata.labels[team]
    allowed: any non-empty value
    fix:     set the label team
  Warn registry (from-ours): the image comes from a registry that is not allowed
    field:   spec.template.spec.containers[0].image
    found:   nginx:1 (docker.io/library/nginx)
    allowed: registry.example.com
    fix:     push the image to an allowed registry and reference it there

m/all.yaml:10: ConfigMap ml/warned
  Warn wants-team (labels): the label team is missing
    field:   metadata.labels[team]
    allowed: any non-empty value
    fix:     set the label team

m/all.yaml:23: Secret noted
  Audit notes-team (labels): the label team is missing
    field:   metadata.labels[team]
    allowed: any non-empty value
    fix:     set the label team

4 of 4 policies applied: 4 checked, 1 denied, 1 warned
`
  )
  const { stdout } = await folder.check('m', '--policies', 'policies')
  t.equal(stdout, text, 'text is the default')
})

t.test('JSON', async t => {
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ml', name: 'web' }
  const warned = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ml', name: 'warned' }
  const noted = { apiVersion: 'v1', kind: 'Secret', namespace: '', name: 'noted' }
  const expected = {
    summary: { checked: 4, denied: 1, warned: 1, policiesApplied: 4 },
    results: [
      { policy: 'need-team', rule: 'labels', action: 'Deny', object: web, ...missing },
      { policy: 'registry', rule: 'from-ours', action: 'Warn', object: web, ...foreign },
      { policy: 'wants-team', rule: 'labels', action: 'Warn', object: warned, ...missing },
      { policy: 'notes-team', rule: 'labels', action: 'Audit', object: noted, ...missing }
    ]
  }
  t.equal(await report('json'), `${JSON.stringify(expected, null, 2)}\n`)
})

t.test('SARIF 2.1.0', async t => {
  const result = (ruleId: string, level: string, startLine: number, said: string[]) => {
    const [object = '', field = '', message = ''] = said
    return {
      ruleId,
      level,
      message: { text: `${object}: ${field}: ${message}` },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 'm/all.yaml' }, region: { startLine } },
          logicalLocations: [{ fullyQualifiedName: `${object}: ${field}` }]
        }
      ]
    }
  }
  const ids = ['need-team/labels', 'registry/from-ours', 'wants-team/labels', 'notes-team/labels']
  const label = (object: string) => [object, missing.field, missing.message]
  const web = 'Deployment ml/web'
  const expected = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mlgitops', rules: ids.map(id => ({ id })) } },
        results: [
          result('need-team/labels', 'error', 2, label(web)),
          result('registry/from-ours', 'warning', 2, [web, foreign.field, foreign.message]),
          result('wants-team/labels', 'warning', 10, label('ConfigMap ml/warned')),
          result('notes-team/labels', 'note', 23, label('Secret noted'))
        ]
      }
    ]
  }
  t.equal(await report('sarif'), `${JSON.stringify(expected, null, 2)}\n`)
})

t.test('JUnit: denied objects fail, others have their warnings as output', async t => {
  t.equal(
    await report('junit'),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="mlgitops check" tests="4" failures="1">
  <testcase name="apps/Deployment ml/web" classname="m/all.yaml">
    <failure message="2 violations">Deny need-team (labels) metadata.labels[team]: ${missing.message}
Warn registry (from-ours) ${foreign.field}: ${foreign.message}</failure>
  </testcase>
  <testcase name="ConfigMap ml/warned" classname="m/all.yaml">
    <system-out>Warn wants-team (labels) metadata.labels[team]: ${missing.message}</system-out>
  </testcase>
  <testcase name="ConfigMap ml/fine" classname="m/all.yaml"/>
  <testcase name="Secret noted" classname="m/all.yaml">
    <system-out>Audit notes-team (labels) metadata.labels[team]: ${missing.message}</system-out>
  </testcase>
</testsuite>
`
  )
})

t.test('An object without a violation is only counted', async t => {
  const fine = new TestFolder({ 'p/p.yaml': policy(), 'fine.yaml': configMap('fine', 'a') })
  t.teardown(() => {
    fine.remove()
  })
  const of = async (output: string) =>
    (await fine.check('fine.yaml', '--policies', 'p', '--output', output)).stdout
  t.equal(await of('text'), '1 of 1 policies applied: 1 checked, 0 denied, 0 warned\n')
  t.same(JSON.parse(await of('json')), {
    summary: { checked: 1, denied: 0, warned: 0, policiesApplied: 1 },
    results: []
  })
  t.match(JSON.parse(await of('sarif')), {
    runs: [{ tool: { driver: { name: 'mlgitops', rules: [] } }, results: [] }]
  })
  t.match(await of('junit'), /tests="1" failures="0">\n {2}<testcase name="ConfigMap ml\/fine" /)
})

const control = String.fromCodePoint(27)
/** Every control character, both C0 and C1, and what XML, a terminal or a URI takes for its own. */
const nasty = [
  ...Array.from({ length: 32 }, (_, code) => String.fromCodePoint(code)),
  ...Array.from({ length: 33 }, (_, code) => String.fromCodePoint(127 + code)),
  `${control}]0;owned\u0007${control}[2J`,
  '\u2028\u2029\u202E\u2066\uFFFE\uFFFF\uD800',
  ']]></failure><testcase name="x">&amp;&lol;<!--\'"'
].join('')

t.test('Malicious names stay data in every format', async t => {
  const hostile = new TestFolder({
    'p/p.yaml': policy() + registryPolicy,
    'x#a?b: c%20<&".json': JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: nasty, namespace: `${control}[31m` },
      spec: { containers: [{ name: 'x', image: `evil<&${nasty}` }] }
    }),
    'long.json': JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${'x'.repeat(494)}${'😀'.repeat(10)}` }
    })
  })
  mkdirSync(hostile.path(`${control}[31m`))
  t.teardown(() => {
    hostile.remove()
  })
  const of = async (output: string, ...targets: readonly string[]) => {
    const args = [...targets, '--policies', 'p', '--output', output]
    const { stdout, stderr, exitCode } = await hostile.check(...args)
    t.same([stderr, exitCode], ['', 1], output)
    return stdout
  }
  const controls = /[^\P{Cc}\n]|[\u2028\u2029\u202A-\u202E\u2066-\u2069]|\p{Cs}/u
  const weird = 'x#a?b: c%20<&".json'

  const text = await of('text', weird, 'long.json')
  t.notMatch(text, controls)
  t.equal(
    text.split('\n').filter(line => /^\S/.test(line)).length,
    4,
    'a line for each object of a fact, and one'
  )

  const xml = await of('junit', weird, 'long.json')
  t.notMatch(xml, controls)
  const suite = parseXml(xml).root
  const cases = suite?.children.filter(child => child instanceof XmlElement) ?? []
  t.equal(cases.length, 2)
  const [first, second] = cases
  t.equal(first?.attributes.classname, weird)
  t.match(first?.attributes.name, /^Pod �\[31m\/�+.*\]\]><\/failure><testcase name="x">&amp;&lol;/)
  t.match(first?.text, /found evil<&�+/)
  t.equal(second?.attributes.name, `Pod ${'x'.repeat(494)}�…`, 'a cut never halves a character')

  const json = JSON.parse(await of('json', weird)) as { results: { object: { name: string } }[] }
  t.equal(json.results[0]?.object.name, nasty, 'JSON has names as they are')

  const sarif = JSON.parse(await of('sarif', weird)) as {
    runs: { results: { locations: { physicalLocation: unknown }[] }[] }[]
  }
  const uri = 'x%23a%3Fb%3A%20c%2520%3C%26%22.json'
  t.same(sarif.runs[0]?.results[0]?.locations[0]?.physicalLocation, {
    artifactLocation: { uri },
    region: { startLine: 1 }
  })
  t.equal(decodeURIComponent(new URL(uri, 'file:///').pathname), `/${weird}`)
})

t.test('A file name with terminal escapes is shown without them', async t => {
  const name = `a${control}[31mb.yaml`
  const hostile = new TestFolder({ 'p/p.yaml': policy(), [`m/${name}`]: configMap('x') })
  t.teardown(() => {
    hostile.remove()
  })
  const { stdout } = await hostile.check('m', '--policies', 'p')
  t.match(stdout, /^m\/a�\[31mb\.yaml:2: ConfigMap ml\/x\n/)
})
