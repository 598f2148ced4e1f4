import t from 'tap'
import { isImagePrefix, parseImageReference, underPrefix } from '../../evidence/image-reference.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

t.test('An image is read as a container runtime reads it', t => {
  const cases: readonly (readonly [string, string])[] = [
    ['nginx', 'docker.io library/nginx - -'],
    ['nginx:1.25', 'docker.io library/nginx 1.25 -'],
    ['acme/trainer', 'docker.io acme/trainer - -'],
    ['index.docker.io/nginx', 'docker.io library/nginx - -'],
    ['docker.io/acme/trainer:v1', 'docker.io acme/trainer v1 -'],
    ['localhost/trainer', 'localhost trainer - -'],
    ['localhost:5000/trainer:v1', 'localhost:5000 trainer v1 -'],
    ['registry:5000/trainer', 'registry:5000 trainer - -'],
    ['registry/trainer', 'docker.io registry/trainer - -'],
    ['GHCR/trainer', 'GHCR trainer - -'],
    ['ghcr.io/acme/trainer:v1', 'ghcr.io acme/trainer v1 -'],
    [`ghcr.io/acme/trainer@${digest}`, `ghcr.io acme/trainer - ${digest}`],
    [`ghcr.io/acme/trainer:latest@${digest}`, `ghcr.io acme/trainer latest ${digest}`],
    [`x@sha384:${'a'.repeat(96)}`, `docker.io library/x - sha384:${'a'.repeat(96)}`],
    [`x@sha512:${'0'.repeat(128)}`, `docker.io library/x - sha512:${'0'.repeat(128)}`],
    [`${'0'.repeat(64)}:v1`, `docker.io library/${'0'.repeat(64)} v1 -`],
    [`ghcr.io/${'a'.repeat(247)}`, `ghcr.io ${'a'.repeat(247)} - -`],
    ['[::1]:5000/trainer', '[::1]:5000 trainer - -'],
    ['ghcr.io/a/b/c__d/e-f.g', 'ghcr.io a/b/c__d/e-f.g - -']
  ]
  t.strictSame(parseImageReference('nginx'), {
    kind: 'reference',
    reference: { registry: 'docker.io', repository: 'library/nginx' }
  })
  for (const [text, expected] of cases) {
    const parsed = parseImageReference(text)
    if (parsed.kind === 'invalid') t.fail(`${text}: ${parsed.reason}`)
    else {
      const { registry, repository, tag = '-', digest: found = '-' } = parsed.reference
      t.equal([registry, repository, tag, found].join(' '), expected, text)
    }
  }
  t.end()
})

t.test('A reference that no runtime would pull is invalid, with the reason', t => {
  const name = 'its name is malformed (lower case letters, digits and single separators)'
  const cases: readonly (readonly [string, string])[] = [
    ['', name],
    ['ghcr.io/', name],
    ['ghcr.io/Acme/trainer', name],
    ['ghcr.io/acme//trainer', name],
    ['ghcr.io/acme/../trainer', name],
    ['acme/tr ainer', name],
    ['$(params.image)', name],
    ['https://ghcr.io/acme/trainer', 'its registry is malformed'],
    ['-ghcr.io/trainer', 'its registry is malformed'],
    ['user@ghcr.io/trainer', 'its digest is malformed'],
    ['ghcr.io/trainer:', 'its tag is malformed'],
    ['ghcr.io/trainer:v1:v2', 'its tag is malformed'],
    [`ghcr.io/trainer:${'v'.repeat(129)}`, 'its tag is malformed'],
    ['ghcr.io/trainer@sha256:abc', 'its digest is malformed'],
    [`ghcr.io/trainer@${digest.toUpperCase()}`, 'its digest is malformed'],
    [`ghcr.io/trainer@${digest}@${digest}`, 'its digest is malformed'],
    [`x@sha256:${'g'.repeat(64)}`, 'its digest is malformed'],
    [`x@sha256:g${'0'.repeat(63)}`, 'its digest is malformed'],
    [`x@sha256:${'0'.repeat(63)}g`, 'its digest is malformed'],
    [`x@sha256:${'0'.repeat(64)}:x`, 'its digest is malformed'],
    [`x@md5:${'0'.repeat(32)}`, 'its digest is malformed'],
    ['x@sha256', 'its digest is malformed'],
    ['x@', 'its digest is malformed'],
    ['0'.repeat(64), 'it is a bare image ID'],
    [`ghcr.io/${'a'.repeat(248)}`, 'its name is longer than 255 characters'],
    ['a'.repeat(1_024), 'its name is longer than 255 characters'],
    ['a'.repeat(1_025), 'it is longer than 1,024 characters']
  ]
  for (const [text, reason] of cases) {
    t.same(parseImageReference(text), { kind: 'invalid', reason }, text.slice(0, 60))
  }
  t.end()
})

t.test('A prefix matches whole segments only', t => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['ghcr.io/acme/trainer:v1', 'ghcr.io', true],
    ['ghcr.io/acme/trainer:v1', 'ghcr.io/acme', true],
    ['ghcr.io/acme/trainer:v1', 'ghcr.io/acme/', true],
    ['ghcr.io/acme/trainer:v1', 'ghcr.io/acme/trainer', true],
    ['ghcr.io/acme/trainer:v1', 'ghcr.io/ac', false],
    ['ghcr.io/acmeevil/trainer', 'ghcr.io/acme', false],
    ['ghcr.io.evil.com/acme/trainer', 'ghcr.io', false],
    ['ghcr.io:443/acme/trainer', 'ghcr.io', false],
    ['gcrXio/acme/trainer', 'gcr.io', false],
    ['nginx', 'docker.io/library', true],
    ['mycompanyevil/x', 'docker.io/mycompany', false],
    ['index.docker.io/acme/x', 'docker.io/acme', true],
    ['docker.io/acme/x', 'index.docker.io/acme', true],
    ['a.registry.example.com/x', '*.registry.example.com', true],
    ['a.b.registry.example.com/x', '*.registry.example.com', false],
    ['registry.example.com/x', '*.registry.example.com', false],
    ['localhost/x', '*.t', false],
    ['GHCR.IO/acme/x', 'ghcr.io/acme', true]
  ]
  for (const [text, prefix, expected] of cases) {
    const parsed = parseImageReference(text)
    const isMet = parsed.kind === 'reference' && underPrefix(prefix)(parsed.reference)
    t.equal(isMet, expected, `${text} under ${prefix}`)
  }
  t.end()
})

t.test('A prefix that would match nothing, or too much, is invalid', t => {
  const good = [
    'ghcr.io',
    'ghcr.io/',
    'ghcr.io/acme',
    'localhost:5000/x',
    '*.example.com',
    'localhost'
  ]
  const bad = [
    '',
    '*',
    'acme',
    'acme/x',
    'https://ghcr.io',
    'ghcr.io//x',
    'ghcr.io/*',
    'ghcr.io/A',
    '*.*',
    'x*.example.com',
    'a.*.example.com',
    'localhosts',
    'mylocalhost'
  ]
  t.same(
    good.filter(prefix => !isImagePrefix(prefix)),
    []
  )
  t.same(bad.filter(isImagePrefix), [])
  t.end()
})
