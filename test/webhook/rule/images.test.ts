import t from 'tap'
import { attested, commit, modelCommit } from '../attested.ts'
import { judge, pod } from '../judged.ts'

t.test('Rule images: a digest decides alone, a tag has to be the commit', t => {
  const rule = { images: { pinnedBy: ['commit', 'digest'], forbiddenTags: ['latest'] } }
  const digest = `sha256:${'0'.repeat(64)}`
  const name = 'ghcr.io/acme/x'
  const good = [
    `${name}@${digest}`,
    `${name}:latest@${digest}`,
    `${name}:${commit}`,
    `${name}:${commit.slice(0, 7)}`
  ]
  for (const image of good) t.same(judge(rule, pod({ image })), [], image)
  const field = 'spec.containers[0].image'
  const pin = 'fix: name the image by its commit or digest'
  const bad = [
    [name, 'the tag latest is forbidden'],
    [`${name}:latest`, 'the tag latest is forbidden'],
    [`${name}:v1`, 'the image is not pinned'],
    [`${name}:${commit.slice(0, 6)}`, 'the image is not pinned'],
    [`${name}:${modelCommit}`, 'the image is not pinned']
  ] as const
  for (const [image, problem] of bad) {
    const [line = ''] = judge(rule, pod({ image }))
    t.ok(line.startsWith(`${field}: ${problem}; found ${image}`) && line.endsWith(pin), line)
  }
  t.same(judge({ images: { pinnedBy: ['digest'] } }, pod({ image: `${name}:${commit}` })), [
    `${field}: the image is not pinned; found ${name}:${commit}; allowed: a digest; ${pin}`
  ])
  t.same(judge({ images: { pinnedBy: ['commit'] } }, pod({ image: `${name}@${digest}` })), [
    `${field}: the image is not pinned; found ${name}@${digest}; allowed: the tag ${commit}; ${pin}`
  ])
  const unstamped = { ...pod({ image: `${name}:${modelCommit}` }), metadata: { name: 'x' } }
  t.same(judge(rule, unstamped), [])
  t.same(
    judge(rule, { ...unstamped, spec: { containers: [{ image: `${name}:${'a'.repeat(39)}` }] } })
      .length,
    1
  )
  // A verified attestation counts, and what an object says of itself no more.
  t.same(judge(rule, attested()), [])
  t.end()
})

t.test('Rule images: registries, and texts that can hide an image', t => {
  const rule = { images: { registries: ['ghcr.io/acme'] } }
  t.same(judge(rule, pod({ image: 'ghcr.io/acme/x' })), [])
  t.same(judge(rule, pod({ image: 'ghcr.io/acme-evil/x' })), [
    'spec.containers[0].image: the image is from a registry that is not allowed; found ghcr.io/acme-evil/x (ghcr.io/acme-evil/x); allowed: ghcr.io/acme; fix: push the image to an allowed registry and name it there'
  ])
  t.same(judge(rule, pod({ image: 'A b' })), [
    'spec.containers[0].image: the image cannot be read: its name is malformed (lower case letters, digits and single separators); found A b; fix: write the image as REGISTRY/NAME:TAG or @DIGEST'
  ])
  const ray = (text: string) => ({
    apiVersion: 'ray.io/v1',
    kind: 'RayService',
    metadata: { name: 'x', namespace: 'ml' },
    spec: { serveConfigV2: text, rayClusterConfig: {} }
  })
  t.same(judge(rule, ray('applications:\n- runtime_env:\n    container: {image: evil:1}\n')), [
    'spec.serveConfigV2 > applications[0].runtime_env.container.image: the image is from a registry that is not allowed; found evil:1 (docker.io/library/evil); allowed: ghcr.io/acme; fix: push the image to an allowed registry and name it there'
  ])
  t.same(judge(rule, ray('applications: []')), [])
  const hidden =
    'spec.serveConfigV2: the field can hide an image: it holds a runtime environment and code locations, and cannot be searched; fix: write it as fields of the object, or ask for a PolicyException'
  for (const text of [
    'just text',
    'a: [',
    `a: ${'['.repeat(100)}${']'.repeat(100)}`,
    `a: "${'x'.repeat(65_536)}"`
  ]) {
    t.same(judge(rule, ray(text)), [hidden], text.slice(0, 20))
  }
  t.same(judge({ images: { registries: ['ghcr.io/acme'], hidden: 'Allow' } }, ray('just text')), [])
  const workflow = (...manifests: string[]) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'x', namespace: 'ml' },
    spec: { templates: manifests.map(manifest => ({ resource: { manifest } })) }
  })
  const half = `a: "${'x'.repeat(32_768 - 5)}"`
  const beyond = (at: number) =>
    `spec.templates[${at}].resource.manifest: the field can hide an image: it holds a manifest as text, and cannot be searched; fix: write it as fields of the object, or ask for a PolicyException`
  t.same(judge(rule, workflow(half, half)), [], 'together as long as is searched')
  t.same(judge(rule, workflow(half, `${half} `, 'image: ghcr.io/acme/x')), [beyond(1), beyond(2)])
  const images = (count: number) => '- image: ghcr.io/acme/x\n'.repeat(count)
  t.same(judge(rule, workflow(images(1_000), images(1_000), 'a: {}')), [])
  t.same(judge(rule, workflow(images(1_000), images(1_001))), [beyond(1)])
  t.end()
})

t.test('Rule artifacts: a location is met by whole segments, and nothing ambiguous is', t => {
  const registered = (artifactPath: string) => ({
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'RegisteredModel',
    metadata: { name: 'x', namespace: 'ml' },
    spec: { artifactPath }
  })
  const refused = (uri: string) =>
    judge({ artifacts: { locations: ['s3://models/churn', 'hf://'] } }, registered(uri))
  for (const uri of [
    's3://models/churn',
    's3://models/churn/1/m.pkl',
    'S3://models/churn/1',
    'hf://acme/m'
  ]) {
    t.same(refused(uri), [], uri)
  }
  const problem = (uri: string, text: string) =>
    `spec.artifactPath: ${text}; found ${uri}; allowed: s3://models/churn, hf://; fix: publish the model to an allowed location`
  const foreign = 'the model is from a location that is not allowed'
  for (const uri of [
    's3://models/churn-evil/m',
    's3://models',
    'gs://models/churn/m',
    '/models/churn',
    's3:/models/churn',
    's3://models@evil',
    's3://models/evil@1/churn'
  ]) {
    t.same(refused(uri), [problem(uri, foreign)], uri)
  }
  const unclear = "the model's location cannot be judged: it holds"
  const tricks = [
    ['s3://models/churn/../../evil', 'a "." or ".." segment'],
    ['s3://models/churn/./x', 'a "." or ".." segment'],
    ['s3://models/churn/%2e%2e/evil', 'an escape'],
    ['s3://models/churn\\..\\evil', 'an escape'],
    ['s3://models/churn/ x', 'white space'],
    ['s3://key@evil/models/churn', 'a user name'],
    ['s3://a@b@evil/models/churn', 'a user name'],
    ['s3://models/churn/$(params.model)', 'an expression'],
    ['s3://models/churn/${MODEL}', 'an expression']
  ] as const
  for (const [uri, what] of tricks) t.same(refused(uri), [problem(uri, `${unclear} ${what}`)], uri)
  t.end()
})
