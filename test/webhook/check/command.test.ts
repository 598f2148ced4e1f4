import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { generateKeyPair, readTrustedKey } from '../../../evidence/attestation/key.ts'
import { readTrustedKeys } from '../../../webhook/keys/read-trusted-keys.ts'
import { configMap, deployment, policy, registryPolicy, TestFolder } from './folder.ts'

const more = 'mlgitops check --help says more.\n'

t.test('Exit codes: 0 for nothing denied, 1 for a violation, 2 for wrong usage', async t => {
  const folder = new TestFolder({
    'policies/p.yaml': policy(),
    'policies/kustomization.yaml': 'resources: [p.yaml]\n',
    'warn/p.yaml': policy('Warn, Audit'),
    'good.yaml': configMap('good', 'a'),
    'bad.yaml': configMap('bad')
  })
  t.teardown(() => {
    folder.remove()
  })
  const code = async (...args: readonly string[]) => (await folder.check(...args)).exitCode
  t.equal(await code('good.yaml', '--policies', 'policies'), 0)
  t.equal(await code('bad.yaml', '--policies', 'policies'), 1)
  t.equal(await code('good.yaml', 'bad.yaml', '--policies', 'policies'), 1)
  t.equal(await code('bad.yaml', '--policies', 'warn'), 0)

  const usage = async (...args: readonly string[]) => {
    const { stdout, stderr, exitCode } = await folder.check(...args)
    t.same([stdout, exitCode], ['', 2])
    t.ok(stderr.endsWith(more))
    return stderr.slice(0, -more.length)
  }
  t.equal(await usage(), 'mlgitops check: check needs --policies FILE|DIR\n')
  t.equal(
    await usage('--policies', 'policies'),
    'mlgitops check: check needs a file, a folder or -\n'
  )
  t.equal(
    await usage('good.yaml', '--policies', 'policies', '--output', 'xml'),
    'mlgitops check: --output is one of text, json, sarif, junit\n'
  )
  t.equal(
    await usage('-', 'good.yaml', '-', '--policies', 'policies'),
    'mlgitops check: standard input (-) can be read only once\n'
  )
  t.equal(await usage('--polices', 'x'), "mlgitops check: Unknown option '--polices'\n")
  const alone = 'mlgitops check: --test cannot be combined with files or other options\n'
  t.equal(await usage('--test', '.', 'good.yaml'), alone)
  t.equal(await usage('--test', '.', '--policies', 'policies'), alone)
  t.equal(await usage('--test', '.', '--output', 'json'), alone)
  const help = await folder.check('--help')
  t.equal(help.exitCode, 0)
  t.match(
    help.stdout,
    /^Usage: mlgitops check \[FILE\|DIR\|-\]\.\.\. --policies FILE\|DIR \[options\]\n/
  )
})

t.test('Unreadable input is a fault: exit code 1, nothing on stdout, no absolute path', async t => {
  const folder = new TestFolder({
    'policies/p.yaml': policy(),
    'good.yaml': configMap('good', 'a'),
    'broken.yaml': `${configMap('good', 'a')}---\nkind: [Deployment\n`,
    'no-kind.yaml': 'apiVersion: v1\nmetadata: { name: x }\n',
    'no-version.yaml': `\n${deployment.replace('apiVersion: apps/v1\n', '')}`,
    'scalar.yaml': `${configMap('good', 'a')}---\njust text\n`,
    'no-list.yaml': 'apiVersion: v1\nkind: List\nitems: { a: 1 }\n',
    'in-list.yaml': 'apiVersion: v1\nkind: List\nitems: [{ kind: Pod }]\n',
    'empty.yaml': '',
    'comment.yaml': '# nothing\n---\n---\n',
    'bad-policies/p.yaml': policy().replace('labels:', 'lables:'),
    'no-policies/kustomization.yaml': 'resources: []\n',
    'not.pub': 'no key\n'
  })
  mkdirSync(folder.path('empty'))
  t.teardown(() => {
    folder.remove()
  })
  const fault = async (...args: readonly string[]) => {
    const { stdout, stderr, exitCode } = await folder.check(...args)
    t.same([stdout, exitCode], ['', 1], args.join(' '))
    t.notMatch(stderr, folder.folder)
    return stderr
  }
  const of = (...targets: readonly string[]) => fault(...targets, '--policies', 'policies')
  t.equal(await of('nope'), 'mlgitops: nope: the input cannot be read (ENOENT) [FILE_UNREADABLE]\n')
  t.match(
    await of('good.yaml', 'broken.yaml'),
    /^mlgitops: broken\.yaml:\d+:\d+: .*\[YAML_INVALID\]/
  )
  const invalid = (where: string) =>
    `mlgitops: ${where}: this is not a Kubernetes object [MANIFEST_INVALID]\n  expected: apiVersion, kind and metadata\n`
  t.equal(await of('no-kind.yaml'), invalid('no-kind.yaml:1'))
  t.equal(await of('no-version.yaml'), invalid('no-version.yaml:3'))
  t.equal(await of('scalar.yaml'), invalid('scalar.yaml:9'))
  t.equal(await of('no-list.yaml'), invalid('no-list.yaml:1'))
  t.equal(await of('in-list.yaml'), invalid('in-list.yaml:1'))
  const none = (where: string) =>
    `mlgitops: ${where}: there is nothing to check [MANIFEST_NONE]\n  expected: at least one Kubernetes object\n`
  t.equal(await of('empty.yaml', 'comment.yaml'), none('empty.yaml, comment.yaml'))
  t.equal(await of('empty'), none('empty'))
  t.equal(
    await fault('good.yaml', '--policies', 'nope'),
    'mlgitops: nope: the folder cannot be read (ENOENT) [FILE_UNREADABLE]\n'
  )
  t.match(
    await fault('good.yaml', '--policies', 'no-policies'),
    /no policy was found \[POLICY_NONE\]/
  )
  t.match(
    await fault('good.yaml', '--policies', 'bad-policies'),
    /^mlgitops: bad-policies\/p\.yaml:2: the policy cannot be used:\n {2}spec\.rules\[0\]\.lables: not a known field/
  )
  t.match(
    await fault('good.yaml', '--policies', 'policies', '--keys', 'not.pub'),
    /^mlgitops: --keys not\.pub: the key cannot be read \[KEY_INVALID\]/
  )
  t.match(
    await fault('good.yaml', '--policies', 'policies', '--keys', 'nope.pub'),
    /^mlgitops: --keys nope\.pub: the file cannot be read \(ENOENT\) \[FILE_UNREADABLE\]/
  )
})

t.test('A folder of keys means its *.pub files, as in a mounted ConfigMap', async t => {
  const [first, second] = [generateKeyPair().publicPem, generateKeyPair().publicPem]
  const folder = new TestFolder({
    'policies/p.yaml': policy('Warn'),
    'good.yaml': configMap('a', 'ml'),
    'keys/..2026/b.pub': second,
    'keys/a.pub': first,
    'keys/README': 'no key',
    'none/README': 'no key',
    'broken/x.pub': 'no key'
  })
  t.teardown(() => {
    folder.remove()
  })
  symlinkSync('..2026/b.pub', path.join(folder.folder, 'keys/b.pub'))
  const idOf = (pem: string) => readTrustedKey(pem, 'x').id
  t.same(
    readTrustedKeys(['keys'], folder.folder).map(({ id }) => id),
    [idOf(first), idOf(second)]
  )
  const check = (keys: string) =>
    folder.check('good.yaml', '--policies', 'policies', '--keys', keys)
  t.equal((await check('none')).exitCode, 0)
  t.equal(
    (await check('broken')).stderr.split('\n')[0],
    'mlgitops: --keys broken/x.pub: the key cannot be read [KEY_INVALID]'
  )
})

t.test('Folders, lists, empty files and keys', async t => {
  const list = `apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: ConfigMap, metadata: { name: in-list } }
  - apiVersion: v1
    kind: ConfigMapList
    items: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: in-list-in-list } }]
`
  const folder = new TestFolder({
    'policies/p.yaml': policy(),
    'm/b/list.yml': list,
    'm/b/wrapped.yaml': list
      .replace('kind: List', 'kind: Wrapper')
      .replaceAll('in-list', 'wrapped'),
    'm/a.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"from-json"}}',
    'm/empty.yaml': '',
    'm/kustomization.yaml': 'resources: [a.json]\n',
    'm/README.md': 'kind: Pod\n',
    'm/generated.yaml': 'apiVersion: batch/v1\nkind: Job\nmetadata: { generateName: train- }\n',
    'k.pub': generateKeyPair().publicPem
  })
  t.teardown(() => {
    folder.remove()
  })
  const args = ['m', '--policies', 'policies', '--keys', 'k.pub', '--keys', 'k.pub']
  const { stdout, exitCode } = await folder.check(...args)
  t.equal(exitCode, 1)
  t.same(
    stdout.split('\n').filter(line => line.startsWith('m/') || line.endsWith('warned')),
    [
      'm/a.json:1: ConfigMap from-json',
      'm/b/list.yml:1: ConfigMap in-list',
      'm/b/list.yml:1: ConfigMap in-list-in-list',
      'm/b/wrapped.yaml:1: ConfigMap wrapped',
      'm/b/wrapped.yaml:1: ConfigMap wrapped-wrapped',
      'm/generated.yaml:1: batch/Job train-*',
      '1 of 1 policies applied: 6 checked, 6 denied, 0 warned'
    ]
  )
})

t.test(
  'A symbolic link in a folder is a fault, because its target would not be judged',
  async t => {
    const folder = new TestFolder({
      'policies/p.yaml': policy(),
      'outside/secret.yaml': configMap('secret'),
      'files/good.yaml': configMap('good', 'a'),
      'folders/good.yaml': configMap('good', 'a'),
      'harmless/good.yaml': configMap('good', 'a')
    })
    t.teardown(() => {
      folder.remove()
    })
    symlinkSync('../outside/secret.yaml', folder.path('files/link.yaml'))
    symlinkSync('../outside', folder.path('folders/link'))
    symlinkSync('../nowhere', folder.path('harmless/link'))
    const check = (target: string) => folder.check(target, '--policies', 'policies')
    const fault = (where: string) => ({
      stdout: '',
      stderr: `mlgitops: ${where}: a symbolic link in a folder is not followed [LINK_NOT_FOLLOWED]\n  remedy:   name its target on the command line, or remove the link\n`,
      exitCode: 1
    })
    t.same(await check('files'), fault('files/link.yaml'))
    t.same(await check('folders'), fault('folders/link'))
    t.match(await check('harmless'), {
      stdout: '1 of 1 policies applied: 1 checked, 0 denied, 0 warned\n',
      exitCode: 0
    })
    t.match(await check('files/link.yaml'), { exitCode: 1 }, 'a link that is named is read')
  }
)

t.test('The labels of a Namespace among the manifests apply to the objects in it', async t => {
  const selecting = policy().replace(
    'matchConstraints: {',
    'matchConstraints: { namespaceSelector: { matchLabels: { admission: "on" } },'
  )
  const namespace = (labels: string) =>
    `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ml, labels: ${labels} }\n`
  const folder = new TestFolder({
    'policies/p.yaml': selecting,
    'on.yaml': namespace('{ admission: "on", team: a }') + configMap('x'),
    'off.yaml': namespace('{ admission: "off", team: a }') + configMap('x'),
    'unknown.yaml': configMap('x')
  })
  t.teardown(() => {
    folder.remove()
  })
  const code = async (file: string) => (await folder.check(file, '--policies', 'policies')).exitCode
  t.equal(await code('on.yaml'), 1)
  t.equal(await code('off.yaml'), 0)
  t.equal(await code('unknown.yaml'), 1, 'where labels are not known the policy applies')
})

t.test('Standard input is a file named stdin, and an empty one does not pass', t => {
  const folder = new TestFolder({ 'policies/p.yaml': policy() + registryPolicy })
  t.teardown(() => {
    folder.remove()
  })
  const bin = path.join(import.meta.dirname, '../../../bin/mlgitops.ts')
  const args = [bin, 'check', '-', '--policies', 'policies']
  const check = (input: string) =>
    spawnSync(process.execPath, args, { input, cwd: folder.folder, encoding: 'utf8' })
  const denied = check(`# head\n${deployment}`)
  t.equal(denied.status, 1)
  t.match(denied.stdout, /^stdin:3: apps\/Deployment ml\/web\n/)
  const empty = check('')
  t.same(
    [empty.status, empty.stdout, empty.stderr],
    [
      1,
      '',
      'mlgitops: stdin: there is nothing to check [MANIFEST_NONE]\n  expected: at least one Kubernetes object\n'
    ]
  )
  t.end()
})
