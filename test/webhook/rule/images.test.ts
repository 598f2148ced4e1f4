import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import { attested, commit, modelCommit } from '../attested.ts'
import { judge, pod } from '../judged.ts'

t.test('An empty image is refused by every rule images', t => {
  for (const images of [{ registries: ['host.io'] }, { forbiddenTags: ['latest'] }]) {
    t.same(judge({ images }, pod({ image: '' })), [
      'spec.containers[0].image: the image is empty; found ""; fix: name the image, or leave the field out'
    ])
  }
  t.match(judge({ images: { registries: ['host.io'] } }, pod({ image: ' ' })), [
    'the image reference is invalid'
  ])
  t.end()
})

t.test('Rule images: a digest decides alone, a tag must be the commit', t => {
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
  const pin = 'fix: reference the image by commit or digest'
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
  t.same(judge(rule, attested()), [])
  t.end()
})

t.test('Rule images: which commits a tag may be', t => {
  const rule = { images: { pinnedBy: ['commit', 'digest'] } }
  const [short, long] = ['0123456789'.repeat(4), '0123456789abcdef'.repeat(4)]
  const refused = (image: string, claims: JsonObject) =>
    judge(rule, {
      ...pod({ image }),
      metadata: { name: 'x', annotations: claims as Record<string, string> }
    }).map(line => line.replace(/^.*allowed: (.*); fix: .*$/, '$1'))
  const [git, model] = [annotations.gitCommit, annotations.modelCommit]
  for (const tag of [short, short.slice(0, 7)]) t.same(refused(`x:${tag}`, { [git]: short }), [])
  for (const tag of [long, long.slice(0, 41)]) t.same(refused(`x:${tag}`, { [model]: long }), [])
  for (const image of ['x', 'x:0123456789', `x:${short.slice(1)}`, `x:${short}0`]) {
    t.same(refused(image, { [git]: short.replace('9', '8'), [model]: long }), [
      ...(image === 'x:0123456789'
        ? []
        : [`the tag ${short.replace('9', '8')} or ${long}, a digest`])
    ])
  }
  for (const claim of ['main', `${short}0`, `${long}0`, `x${short}`, short.slice(1)]) {
    t.same(refused(`x:${claim}`, { [git]: claim }), ['a full commit as the tag, a digest'], claim)
    t.same(refused('x', { [git]: claim }), ['a full commit as the tag, a digest'], claim)
    t.same(refused(`x:${short}`, { [git]: claim }), [], claim)
  }
  t.end()
})

t.test('Rule images: registries, and texts that can hide an image', t => {
  const rule = { images: { registries: ['ghcr.io/acme'] } }
  t.same(judge(rule, pod({ image: 'ghcr.io/acme/x' })), [])
  t.same(judge(rule, pod({ image: 'ghcr.io/acme-evil/x' })), [
    'spec.containers[0].image: the image comes from a registry that is not allowed; found ghcr.io/acme-evil/x (ghcr.io/acme-evil/x); allowed: ghcr.io/acme; fix: push the image to an allowed registry and reference it there'
  ])
  const two = { images: { registries: ['ghcr.io/acme', 'quay.io'] } }
  t.same(judge(two, pod({ image: 'quay.io/acme/x' })), [])
  t.match(judge(two, pod({ image: 'x' })), [/; allowed: ghcr\.io\/acme, quay\.io; fix: /])
  t.same(judge(rule, pod({ image: 'A b' })), [
    'spec.containers[0].image: the image reference is invalid: its name is malformed (lower case letters, digits and single separators); found A b; fix: write the image as REGISTRY/NAME:TAG or @DIGEST'
  ])
  const ray = (text: string) => ({
    apiVersion: 'ray.io/v1',
    kind: 'RayService',
    metadata: { name: 'x', namespace: 'ml' },
    spec: { serveConfigV2: text, rayClusterConfig: {} }
  })
  t.same(judge(rule, ray('applications:\n- runtime_env:\n    container: {image: evil:1}\n')), [
    'spec.serveConfigV2 > applications[0].runtime_env.container.image: the image comes from a registry that is not allowed; found evil:1 (docker.io/library/evil); allowed: ghcr.io/acme; fix: push the image to an allowed registry and reference it there'
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

t.test('Rule artifacts: a location matches whole segments, and ambiguous URIs match none', t => {
  const registered = (artifactPath: string) => ({
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'RegisteredModel',
    metadata: { name: 'x', namespace: 'ml' },
    spec: { artifactPath }
  })
  const refused = (uri: string) =>
    judge({ artifacts: { locations: ['s3://models/churn', 'hf://'] } }, registered(uri))
  for (const location of ['oci+native://ghcr.io/acme', 's3://models/churn//', 'OCI://ghcr.io']) {
    const uri = `${location.replace(/\/+$/, '').replace('OCI', 'oci')}/x`
    t.same(judge({ artifacts: { locations: [location] } }, registered(uri)), [], location)
  }
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
  const foreign = 'the model comes from a location that is not allowed'
  for (const uri of [
    's3://models/churn-evil/m',
    's3://models',
    'gs://models/churn/m',
    '/models/churn',
    's3:/models/churn',
    's3://models@evil',
    'hf:/acme/m',
    'x-s3://models/churn',
    's3://models/evil@1/churn'
  ]) {
    t.same(refused(uri), [problem(uri, foreign)], uri)
  }
  const unclear = "the model's location cannot be judged: it contains"
  const tricks = [
    ['s3://models/churn/../../evil', 'a "." or ".." segment'],
    ['s3://models/churn/./x', 'a "." or ".." segment'],
    ['s3://models/churn/..', 'a "." or ".." segment'],
    ['s3://../models/churn', 'a "." or ".." segment'],
    ['oci+native://../x', 'a "." or ".." segment'],
    ['s3://models/churn/%2e%2e/evil', 'an escape'],
    ['s3://models/churn\\..\\evil', 'an escape'],
    ['s3://models/churn/ x', 'white space'],
    ['s3://key@evil/models/churn', 'a user name'],
    ['s3://a@b@evil/models/churn', 'a user name'],
    ['oci://key@evil/models/churn', 'a user name'],
    ['key@s3://models', 'a user name'],
    ['s3://models/churn/$(params.model)', 'an expression'],
    ['s3://models/churn/${MODEL}', 'an expression']
  ] as const
  for (const [uri, what] of tricks) t.same(refused(uri), [problem(uri, `${unclear} ${what}`)], uri)
  t.end()
})
