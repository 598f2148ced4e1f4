import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { configMap, render, TestRepository } from './repository.ts'

t.test('a fault prints one message, and stdout is empty', async t => {
  const cases: readonly [string, Readonly<Record<string, string>>, RegExp][] = [
    ['nothing', { 'a/readme.txt': '' }, /^mlgitops: a: nothing was rendered \[OUTPUT_EMPTY\]/],
    ['comments only', { 'a/x.yaml': '# nothing\n' }, /OUTPUT_EMPTY/],
    [
      'no kind',
      { 'a/x.yaml': 'apiVersion: v1\n' },
      /a\/x\.yaml:1:1: not a Kubernetes object \[OBJECT_INVALID\]\n {2}found: {4}no kind/
    ],
    ['no name', { 'a/x.yaml': 'apiVersion: v1\nkind: Pod\n' }, /a Pod without a name/],
    ['a list', { 'a/x.yaml': '- 1\n' }, /found: {4}a list/],
    [
      'twice',
      { 'a/x.yaml': configMap('v: 1'), 'a/y.yaml': configMap('v: 2') },
      /a\/y\.yaml:1:1: duplicate object ConfigMap x \[OBJECT_DUPLICATE\]\n {2}found: {4}first defined at a\/x\.yaml:1:1/
    ],
    [
      'one of two broken',
      { 'a/x.yaml': configMap('v: 1'), 'a/y.yaml': configMap('v: {{ .Values.secret }}') },
      /a\/y\.yaml:6:9: no value for \.Values\.secret/
    ],
    [
      'sets gitCommit',
      { 'values.yaml': 'gitCommit: x\n', 'a/x.yaml': configMap('v: 1') },
      /values\.yaml: gitCommit cannot be set \[VALUES_BUILT_IN\]/
    ],
    [
      'prototype keys',
      { 'values.yaml': 'a: {constructor: 1}\n', 'a/x.yaml': configMap('v: 1') },
      /the key "constructor" is not accepted \[VALUES_KEY\]/
    ],
    [
      'values that are not an object',
      { 'values.yaml': '[1]\n', 'a/x.yaml': configMap('v: 1') },
      /VALUES_NOT_OBJECT/
    ],
    [
      'schema',
      {
        'values.schema.json':
          '{"required":["password"],"properties":{"p":{"type":"integer","pattern":"^(a+)+$"}}}',
        'values.yaml': 'p: s3cret-value\n',
        'a/x.yaml': configMap('v: 1')
      },
      /values\.schema\.json: the values do not match the schema \[VALUES_INVALID\]\n {2}found: {4}(?!.*s3cret)/
    ],
    [
      'bad schema',
      { 'values.schema.json': '{"type":"nope"}', 'a/x.yaml': configMap('v: 1') },
      /VALUES_SCHEMA_INVALID/
    ],
    [
      'unreadable audit',
      { 'a/bias_audit.md': 'kind: BiasAudit', 'a/x.yaml': configMap('v: 1') },
      /a\/bias_audit\.md: the bias audit has no front matter/
    ],
    [
      'two audits',
      { 'a/bias_audit.md': '', 'a/bias_audit.json': '', 'a/x.yaml': configMap('v: 1') },
      /the application path has two bias audits/
    ],
    [
      'project',
      {
        'a/mlgitops.yaml': 'apiVersion: mlgitops.io/v1alpha1\nkind: Project\npatch: []\n',
        'a/x.yaml': configMap('v: 1')
      },
      /PROJECT_INVALID\]\n {2}found: {4}the file has the unknown key "patch"/
    ],
    [
      'a value file outside the repository',
      {
        'a/mlgitops.yaml':
          'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nvalues: [../../../etc/passwd]\n',
        'a/x.yaml': configMap('v: 1')
      },
      /is outside the repository \[PATH_OUTSIDE\]/
    ],
    [
      'a patch without an object',
      {
        'a/mlgitops.yaml':
          'apiVersion: mlgitops.io/v1alpha1\nkind: Project\npatches: [{target: {kind: Pod}, merge: {}}]\n',
        'a/x.yaml': configMap('v: 1')
      },
      /a\/mlgitops\.yaml: patch 0: the patch matches no object \[PATCH_UNUSED\]/
    ],
    ['not text', { 'a/x.yaml': '\u0000' }, /YAML_INVALID/],
    [
      'remote base',
      { 'a/kustomization.yaml': 'resources: ["https://host/x?ref=1"]\n' },
      /a remote resource is not supported \[KUSTOMIZATION_UNSUPPORTED\]/
    ]
  ]
  for (const [name, files, message] of cases) {
    const repository = new TestRepository(files)
    const { stdout, stderr, exitCode } = await render(repository.folder, 'a')
    t.equal(stdout, '', name)
    t.equal(exitCode, 1, name)
    t.match(stderr, message, name)
    t.notMatch(stderr, repository.folder, `${name}: no absolute path`)
    repository.remove()
  }
})

t.test('links to files of the repository are followed; other links are refused', async t => {
  const repository = new TestRepository({
    'a/x.yaml': configMap('v: 1'),
    'b/y.yaml': configMap('v: 2', 'z'),
    'b/base.yaml': 'v: 1'
  })
  t.teardown(() => {
    repository.remove()
  })
  const link = async (target: string, name: string) => {
    symlinkSync(target, path.join(repository.folder, name))
    const result = await render(repository.folder, 'a')
    rmSync(path.join(repository.folder, name))
    return result.stderr
  }
  t.match(await link('../b/y.yaml', 'a/z.yaml'), /git-dirty/)
  t.match(
    await link('/etc/hostname', 'a/z.yaml'),
    /a\/z\.yaml: the link points outside the repository \[PATH_OUTSIDE\]/
  )
  t.match(await link('../.git/config', 'a/z.yaml'), /the link points into \.git/)
  t.match(await link('/dev/null', 'values.yaml'), /the link points outside the repository/)
  mkdirSync(path.join(repository.folder, 'c'))
  t.match(
    await link('b', 'configs'),
    /the folder is a link or is below a link \[PATH_LINKED_FOLDER\]/
  )
})

t.test('exits with 2 for wrong usage and 0 for help', async t => {
  const cases: readonly [readonly string[], number][] = [
    [['render', '--nope'], 2],
    [['render', '--output', 'xml'], 2],
    [['render', '--set', 'x'], 2],
    [['render', '--set', '=x'], 2],
    [['render', 'a', 'b'], 2],
    [['keygen'], 2],
    [['keygen', '--x'], 2],
    [['parameters', 'a', 'b'], 2],
    [['nope'], 2],
    [[], 2],
    [['--help'], 0],
    [['render', '--help'], 0],
    [['keygen', '--help'], 0],
    [['parameters', '--help'], 0]
  ]
  for (const [args, code] of cases)
    t.equal((await run({ args, env: {}, folder: tmpdir() })).exitCode, code, args.join(' '))
})

t.test('unusual bytes and sizes render, or are refused quickly', async t => {
  const map = configMap('v: "{{ .Values.a }}"')
  const cases: readonly [string, Readonly<Record<string, string>>, RegExp][] = [
    [
      'line ends of Windows',
      { 'a/x.yaml': configMap('{{#if true}}\n  v: 1\n  {{/if}}').replaceAll('\n', '\r\n') },
      /^ {2}v: 1$/m
    ],
    [
      'a byte order mark',
      { 'a/x.yaml': `\uFEFF${configMap('v: 1')}`, 'values.yaml': '\uFEFFa: 1\n' },
      /^ {2}v: 1$/m
    ],
    [
      'a line of a megabyte',
      {
        'a/x.yaml': configMap(`v: "${'x'.repeat(1 << 20)}{{ .Values.a }}"`),
        'values.yaml': 'a: end\n'
      },
      /x{9}end$/m
    ],
    [
      'a value of a megabyte',
      { 'a/x.yaml': map, 'values.yaml': `a: ${'y'.repeat(1 << 20)}\n` },
      /y{9}$/m
    ],
    [
      'a merge key',
      { 'a/x.yaml': configMap('{<<: {v: 2, w: 3}, v: 1}').replace('\ndata:\n  ', '\ndata: ') },
      /^ {2}v: 1\n {2}w: 3$/m
    ],
    [
      'a merge key after a key that it also brings',
      { 'a/x.yaml': configMap('{v: 1, <<: {v: 2, w: 3}}').replace('\ndata:\n  ', '\ndata: ') },
      /a\/x\.yaml:\d+:\d+: a merge key \(<<\) follows a key that it also brings/
    ],
    [
      'a huge integer',
      { 'a/x.yaml': configMap('v: {{ .Values.a }}'), 'values.yaml': 'a: 9223372036854775807\n' },
      /^ {2}v: 9223372036854775807$/m
    ],
    ['a NUL byte', { 'a/x.yaml': `${map}#\u0000\n`, 'values.yaml': 'a: 1\n' }, /YAML_INVALID/],
    [
      'bytes that are not text',
      { 'a/x.yaml': map, 'values.yaml': 'a: "\\ud800"\n' },
      /YAML_INVALID|TEMPLATE_TYPE/
    ],
    [
      'braces in braces',
      { 'a/x.yaml': configMap('v: {{ {{ .Values.a }} }}') },
      /a\/x\.yaml:6:6: the tag is not closed/
    ],
    [
      'a million braces',
      { 'a/x.yaml': configMap(`v: ${'{{'.repeat(500_000)}`) },
      /TEMPLATE_SYNTAX/
    ],
    [
      'parentheses in parentheses',
      { 'a/x.yaml': configMap(`v: {{ ${'('.repeat(10_000)} }}`) },
      /parentheses are nested too deeply/
    ],
    [
      'a run of blanks before a block',
      { 'a/x.yaml': configMap(`v: "1" #${' '.repeat(1 << 20)}x\n{{#if true}}\n{{/if}}`) },
      /^ {2}v: "1"$/m
    ],
    [
      'a run of blanks in a block',
      { 'a/x.yaml': configMap(`v: {{#if a${' '.repeat(1 << 20)}b}}1{{/if}}`) },
      /TEMPLATE_VALUE_MISSING|TEMPLATE_SYNTAX/
    ],
    [
      'a run of blanks for names',
      { 'a/x.yaml': configMap(`v: {{#each a as |${' '.repeat(1 << 20)}}}1{{/each}}`) },
      /TEMPLATE_SYNTAX/
    ],
    [
      'quotes that do not close',
      { 'a/x.yaml': configMap(`v: {{ "${'\\"'.repeat(1 << 19)} }}`) },
      /the tag is not closed|is not valid here/
    ],
    [
      'quotes that do not close in many tags',
      { 'a/x.yaml': configMap(`v: ${'{{ \\" }}'.repeat(1 << 17)}`) },
      /is not valid here/
    ],
    [
      'text that doubles repeatedly',
      { 'a/x.yaml': configMap(`v: {{ "aa" ${'| replace "a" "aaaa" '.repeat(40)}}}`) },
      /a\/x\.yaml:6:.* the result of a function is too long \[TEMPLATE_TOO_LARGE\]/
    ],
    [
      'lines that are indented repeatedly',
      {
        'a/x.yaml': configMap(`v: {{ "\\n\\n" ${'| indent 200 | replace " " "\\n" '.repeat(9)}}}`)
      },
      /TEMPLATE_TOO_LARGE/
    ],
    [
      'a format of a format',
      {
        'a/x.yaml': configMap(
          `v: {{ printf "%999s" "a"${' | replace " " (printf "%999s" "a")'.repeat(9)} }}`
        )
      },
      /TEMPLATE_TOO_LARGE/
    ]
  ]
  for (const [name, files, message] of cases) {
    const repository = new TestRepository(files)
    const { stdout, stderr } = await render(repository.folder, 'a')
    t.match(stdout === '' ? stderr : stdout, message, name)
    repository.remove()
  }
})

t.test('a line feed in a file name does not start a line of the message', async t => {
  const name = 'a/x\nmlgitops: warning: y.yaml'
  const repository = new TestRepository({ [name]: 'a: [' })
  t.teardown(() => {
    repository.remove()
  })
  const { stderr } = await render(repository.folder, 'a')
  t.match(stderr, 'mlgitops: a/x\uFFFDmlgitops: warning: y.yaml:1:5: not valid YAML')
  t.notMatch(stderr, /^mlgitops: warning/m)
})
