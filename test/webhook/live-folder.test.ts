import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { describeFault } from '../../common/fault.ts'
import { readPolicyFolder } from '../../webhook/policy/folder.ts'
import { LiveFolder } from '../../webhook/policy/live-folder.ts'
import { faultText } from '../fault-text.ts'
import { demanding } from './webhook-process.ts'

/** What a look finds: the sets with their policies, or the fault. */
function seen(live: LiveFolder): unknown {
  const reload = live.look()
  switch (reload.kind) {
    case 'unchanged':
      return 'unchanged'
    case 'loaded':
      return [...reload.sets].map(([name, { policies }]) => {
        return `${name}: ${policies.map(policy => policy.name).join(' ')}`
      })
    case 'refused':
      return describeFault(reload.fault)
  }
}

t.test('A folder is a policy set, and each of its subfolders another', t => {
  const folder = t.testdir({
    'b.yaml': demanding('b'),
    'a.yml': `${demanding('a')}\n---\n`,
    'c.json': demanding('c'),
    'kustomization.yaml': 'resources: [a.yml]',
    'README.md': 'no policy',
    strict: { 'd.yaml': demanding('d') },
    '..data': { 'e.yaml': demanding('e') }
  })
  const live = new LiveFolder(folder, 'policies', [])
  t.same(seen(live), [': demand-a demand-b demand-c', 'strict: demand-d'])
  t.equal(seen(live), 'unchanged')
  writeFileSync(path.join(folder, 'README.md'), 'still none')
  t.equal(seen(live), 'unchanged')
  rmSync(path.join(folder, 'b.yaml'))
  t.same(seen(live), [': demand-a demand-c', 'strict: demand-d'])
  writeFileSync(path.join(folder, 'strict/d.yaml'), demanding('f'))
  t.same(seen(live), [': demand-a demand-c', 'strict: demand-f'])
  t.end()
})

t.test('A file is a policy set without subfolders', t => {
  const folder = t.testdir({ 'p.yaml': demanding('a'), strict: { 'd.yaml': demanding('d') } })
  const file = path.join(folder, 'p.yaml')
  const live = new LiveFolder(file, 'p.yaml', [])
  t.same(seen(live), [': demand-a'])
  t.equal(seen(live), 'unchanged')
  writeFileSync(file, demanding('b'))
  t.same(seen(live), [': demand-b'])
  rmSync(file)
  t.match(seen(live), /\(ENOENT\) \[FILE_UNREADABLE\]/)
  t.end()
})

t.test('The atomic swap of a mounted ConfigMap is one change', t => {
  const folder = t.testdir({
    '..one': { 'p.yaml': demanding('one') },
    '..two': { 'p.yaml': demanding('two') }
  })
  symlinkSync('..one', path.join(folder, '..data'))
  symlinkSync('..data/p.yaml', path.join(folder, 'p.yaml'))
  const live = new LiveFolder(folder, 'policies', [])
  t.same(seen(live), [': demand-one'])
  symlinkSync('..two', path.join(folder, '..tmp'))
  renameSync(path.join(folder, '..tmp'), path.join(folder, '..data'))
  t.same(seen(live), [': demand-two'])
  t.end()
})

t.test('An invalid change is refused once, and a change back is accepted', t => {
  const folder = t.testdir({ 'p.yaml': demanding('a') })
  const live = new LiveFolder(folder, 'policies', [])
  const file = path.join(folder, 'p.yaml')
  t.same(seen(live), [': demand-a'])
  writeFileSync(file, 'kind: [')
  t.match(seen(live), /^policies\/p\.yaml:1:8: .* \[YAML_INVALID\]$/)
  t.equal(seen(live), 'unchanged')
  writeFileSync(file, demanding('a'))
  t.same(seen(live), [': demand-a'])
  mkdirSync(path.join(folder, 'empty'))
  writeFileSync(path.join(folder, 'empty/x.yaml'), '')
  t.equal(
    seen(live),
    `policies/empty: no policy was found [POLICY_NONE]
  remedy:   name a folder with ModelPolicy files`
  )
  t.end()
})

t.test('A deleted folder is reported once; when it is back, its policies are current', t => {
  const folder = t.testdir({ policies: { 'p.yaml': demanding('a') } })
  const at = path.join(folder, 'policies')
  const live = new LiveFolder(at, 'policies', [])
  t.same(seen(live), [': demand-a'])
  renameSync(at, `${at}-away`)
  t.equal(seen(live), 'policies: the policies cannot be read (ENOENT) [FILE_UNREADABLE]')
  t.equal(seen(live), 'unchanged')
  renameSync(`${at}-away`, at)
  t.same(seen(live), [': demand-a'], 'though no file has changed')
  symlinkSync('nowhere', path.join(at, 'q.yaml'))
  t.equal(seen(live), 'policies: the policies cannot be read (ENOENT) [FILE_UNREADABLE]')
  rmSync(path.join(at, 'q.yaml'))
  t.same(seen(live), [': demand-a'])
  t.end()
})

t.test('A file of a folder that is not a policy is named', t => {
  const exception = JSON.stringify({
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'PolicyException',
    metadata: { name: 'e', namespace: 'team-a' },
    spec: {
      policies: [{ name: 'demand-a' }],
      objects: [{ kinds: ['Job'], namespaces: ['ml'], names: ['train*'] }],
      reason: 'the audit is under way',
      expiresAt: '2026-11-24T12:00:01Z'
    }
  })
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{}, /^p: no policy was found \[POLICY_NONE\]/],
    [{ 'kustomization.yml': 'resources: [a.yaml]' }, /\[POLICY_NONE\]/],
    [{ 'x.yaml': 'kind: Pod' }, /^p\/x\.yaml:1: this is not a policy \[POLICY_KIND_UNKNOWN\]/],
    [
      { 'x.yaml': `${demanding('a')}\n---\n${demanding('a')}` },
      /^p\/x\.yaml:3: the policy demand-a is defined twice \[POLICY_DUPLICATE\]/
    ],
    [
      { 'x.yaml': `# ${'x'.repeat(4 * 1024 * 1024)}` },
      /^p\/x\.yaml: the file is too large .*\n.*4194306 bytes/
    ],
    [
      { 'x.yaml': exception },
      /^p\/x\.yaml:1: exceptions in this namespace are not accepted \[EXCEPTION_NOT_ALLOWED\]\n  found:    team-a\n/
    ]
  ]
  for (const [files, expected] of cases) {
    const folder = t.testdir(files)
    t.match(
      faultText(() => readPolicyFolder(folder, 'p', [])),
      expected
    )
  }
  const counted = readPolicyFolder(
    t.testdir({ 'p.yaml': demanding('a'), 'x.yaml': exception }),
    'p',
    ['team-a']
  )
  t.same(
    counted.exceptions.map(({ namespace, reason }) => [namespace, reason]),
    [['team-a', 'the audit is under way']]
  )
  const folder = t.testdir({ 'x.yaml': {} })
  const unreadable = 'cannot be read'
  t.equal(
    faultText(() => readPolicyFolder(folder, 'p', [])),
    `p/x.yaml: the file ${unreadable} (EISDIR) [FILE_UNREADABLE]`
  )
  t.equal(
    faultText(() => readPolicyFolder(path.join(folder, 'no'), 'p', [])),
    `p: the folder ${unreadable} (ENOENT) [FILE_UNREADABLE]`
  )
  t.end()
})
