import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { describeFault } from '../../../common/fault.ts'
import { LiveFolder, readPolicySets } from '../../../webhook/policy/live-folder.ts'
import { faultText } from '../../fault-text.ts'
import { policy } from '../judged.ts'

const good = JSON.stringify(policy({ provenance: {} }))

t.test('Subfolders are policy sets; a folder without a policy is a fault', t => {
  const folder = t.testdir({
    'a.json': good,
    'kustomization.yaml': 'resources: [a.json]',
    'readme.md': 'text',
    strict: { 'b.yaml': `---\n---\n${good}` },
    '..data': { 'c.yaml': 'broken: [' }
  })
  t.same([...readPolicySets(folder, 'policies', []).keys()], ['', 'strict'])
  mkdirSync(path.join(folder, 'empty'))
  t.equal(
    faultText(() => readPolicySets(folder, 'policies', [])),
    'policies/empty: no policy was found [POLICY_NONE]\n  remedy:   name a folder with ModelPolicy files'
  )
  t.equal(
    faultText(() => readPolicySets(path.join(folder, 'none'), 'policies', [])),
    'policies: the folder cannot be read (ENOENT) [FILE_UNREADABLE]'
  )
  mkdirSync(path.join(folder, 'dir.yaml'))
  t.match(
    faultText(() => readPolicySets(folder, 'policies', [])),
    'policies/dir.yaml: the file cannot be read (EISDIR) [FILE_UNREADABLE]'
  )
  t.end()
})

t.test('A file above 4 MiB is refused', t => {
  const folder = t.testdir({ 'a.yaml': `# ${'x'.repeat(4 * 1024 * 1024)}` })
  t.match(
    faultText(() => readPolicySets(folder, 'policies', [])),
    /^policies\/a\.yaml: the file is too large for a policy \[FILE_TOO_LARGE\]/
  )
  t.end()
})

t.test('Each change is reported once; an invalid one is refused', t => {
  const folder = t.testdir({ 'a.json': good, strict: { 'b.json': good } })
  const live = new LiveFolder(folder, 'policies', [])
  const look = () => {
    const reload = live.look()
    return reload.kind === 'refused' ? describeFault(reload.fault) : reload.kind
  }
  t.equal(look(), 'loaded')
  t.equal(look(), 'unchanged')
  writeFileSync(path.join(folder, 'strict/b.json'), '{"kind":"Pod"}')
  t.match(look(), /^policies\/strict\/b\.json:1: this is not a policy \[POLICY_KIND_UNKNOWN\]/)
  t.equal(look(), 'unchanged')
  writeFileSync(path.join(folder, 'strict/b.json'), good)
  t.equal(look(), 'loaded')
  writeFileSync(path.join(folder, 'notes.txt'), 'x')
  t.equal(look(), 'unchanged')
  rmSync(path.join(folder, 'strict'), { recursive: true })
  t.equal(look(), 'loaded')
  rmSync(folder, { recursive: true })
  t.match(look(), 'the policies cannot be read (ENOENT) [FILE_UNREADABLE]')
  t.end()
})
