import t from 'tap'
import { run } from '../../bin/run.ts'
import { stringMember } from '../../common/json.ts'
import { annotations } from '../../evidence/annotations.ts'
import { decodeStatement } from '../../evidence/attestation/decode-statement.ts'
import { parseEnvelope } from '../../evidence/attestation/dsse.ts'
import { digestSpec } from '../../evidence/workload/spec-digest.ts'
import { parseProject } from '../../plugin/project/project.ts'
import { faultText } from '../fault-text.ts'
import { annotationsOf, objects, render, TestRepository } from './repository.ts'

const head = 'apiVersion: mlgitops.io/v1alpha1\nkind: Project\n'
const entry = (kind: string, spec: string) => `apiVersion: ${kind}
metadata: { name: churn }
spec: ${spec}
`

t.test(
  'Registry entries are attested with a digest of their spec, and their model URIs',
  async t => {
    const repository = new TestRepository({
      'app/mlgitops.yaml': `${head}kinds:
  - { group: ml.example.com, kind: ModelVersion, uris: ["spec.versions[].model_uri"], digest: spec }
  - { group: ml.example.com, kind: Card }
`,
      'app/ours.yaml': entry(
        'mlgitops.io/v1alpha1\nkind: RegisteredModel',
        '{ artifactPath: s3://m/1 }'
      ),
      'app/theirs.yaml': entry(
        'ml.example.com/v1\nkind: ModelVersion',
        '{ versions: [{ model_uri: s3://m/2 }, { model_uri: "" }, { model_uri: 3 }], auc: 0.910 }'
      ),
      'app/uriless.yaml': entry('ml.example.com/v1\nkind: Card', '{ text: x }'),
      'app/unknown.yaml': entry('ml.example.com/v1\nkind: Other', '{ text: x }')
    })
    t.teardown(() => {
      repository.remove()
    })
    const keys = repository.folder.replace(/\/*$/, '-keys')
    await run({ args: ['keygen', '--out-dir', keys], env: {}, folder: '/' })
    const options = ['--key', `${keys}/signing.key`, '--namespace', 'ml']
    const { stdout, stderr } = await render(repository.folder, 'app', ...options)
    t.equal(stderr, '')
    const stated = new Map(
      objects(stdout).map(object => {
        const text = annotationsOf(object)[annotations.attestation]
        const payload = text === undefined ? '' : parseEnvelope(text).payload
        const facts =
          text === undefined ? undefined : decodeStatement(Buffer.from(payload, 'base64')).facts
        return [stringMember(object, 'kind'), { object, facts }] as const
      })
    )
    const registryOf = (kind: string) => {
      const { object, facts } = stated.get(kind) ?? {}
      t.equal(facts?.registry?.spec.sha256, digestSpec(object ?? {}))
      t.equal(facts?.object.namespace, 'ml')
      return [facts?.models, facts?.registry?.uris]
    }
    t.same(registryOf('RegisteredModel'), [['s3://m/1'], ['spec.artifactPath']])
    t.same(registryOf('ModelVersion'), [['s3://m/2'], ['spec.versions[].model_uri']])
    t.same(registryOf('Card'), [[], []])
    t.equal(stated.get('Other')?.facts, undefined)
  }
)

t.test('An entry of kinds that cannot be attested is refused', t => {
  const refused = (kinds: string) =>
    faultText(() => parseProject(`${head}kinds: [${kinds}]`, 'mlgitops.yaml'))
  const cases = [
    [
      '{ group: apps, kind: Deployment }',
      'kinds[0]: this kind is not a registry entry [PROJECT_INVALID]',
      'found:    apps/Deployment',
      'expected: a kind that runs nothing: what a workload runs is attested without it'
    ],
    [
      '{ group: a.b, kind: C }, { group: mlgitops.io, kind: RegisteredModel }',
      'kinds[1]: this kind is known [PROJECT_INVALID]',
      'found:    mlgitops.io/RegisteredModel',
      'remedy:   Remove it: our own kind is always attested.'
    ],
    [
      '{ group: a.b, kind: C }, { group: a.b, kind: C, uris: [spec.x] }',
      'kinds[1]: a kind is given twice [PROJECT_INVALID]',
      'found:    a.b/C'
    ],
    ...['artifactPath', 'metadata.name', 'spec', 'spec..x', 'spec.x[0]', 'spec.(x)'].map(field => [
      `{ group: a.b, kind: C, uris: [spec.uri, "${field}"] }`,
      'kinds[0]: this is not a field [PROJECT_INVALID]',
      `found:    "${field}"`,
      'expected: a field below spec, such as spec.artifactPath or spec.versions[].uri'
    ])
  ]
  for (const [kinds = '', ...lines] of cases) {
    t.equal(refused(kinds), `mlgitops.yaml: ${lines.join('\n  ')}`, kinds)
  }
  t.end()
})
