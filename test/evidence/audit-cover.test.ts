import t from 'tap'
import { parseBiasAudit } from '../../evidence/bias-audit/parse.ts'
import { coversModel } from '../../evidence/bias-audit/cover.ts'
import { summariseBiasAudit } from '../../evidence/bias-audit/summary.ts'
import { faultText } from '../fault-text.ts'
import { audit as auditCommand } from './audit/audited.ts'
import { audit, commit, digest } from './churn-audit.ts'

t.test('an audit covers one commit', t => {
  const others = ['b'.repeat(40), commit.slice(0, 7), commit.toUpperCase(), '']
  const covered = [commit, ...others].filter(modelCommit =>
    coversModel({ modelCommit: commit }, { modelCommit })
  )
  t.same(covered, [commit])
  t.end()
})

t.test('an audit covers the files of one digest; of a commit and a digest either is enough', t => {
  const modelCommit = 'b'.repeat(40)
  const other = digest.replace('0', '1')
  const covers = (audit: Parameters<typeof coversModel>[0], modelDigest?: string) =>
    coversModel(audit, { modelCommit, ...(modelDigest === undefined ? {} : { modelDigest }) })
  t.ok(covers({ modelDigest: digest }, digest))
  t.ok(covers({ modelDigest: digest, modelCommit: commit }, digest), 'the commit is another')
  t.ok(covers({ modelDigest: digest, modelCommit }, other), 'the digest is another')
  t.notOk(covers({ modelDigest: digest, modelCommit: commit }, other))
  t.notOk(covers({ modelDigest: digest }, other))
  t.notOk(covers({ modelDigest: digest }, digest.slice(0, -1)))
  t.notOk(covers({ modelDigest: digest }), 'the render has none')
  t.notOk(covers({ modelCommit: commit }), 'neither has one: nothing is equal to nothing')
  t.end()
})

t.test('an audit names a commit, a digest or both', t => {
  const named = (lines: string) =>
    parseBiasAudit(audit.replace(`modelCommit: ${commit}`, lines), 'bias_audit.md')
  const both = named(`modelCommit: ${commit}\nmodelDigest: ${digest}`)
  t.match(both, { modelCommit: commit, modelDigest: digest })
  t.match(summariseBiasAudit(both), { modelCommit: commit, modelDigest: digest })
  const files = named(`modelDigest: ${digest}`)
  t.equal(files.modelDigest, digest)
  t.same(Object.keys(summariseBiasAudit(files)).slice(0, 3), ['model', 'modelDigest', 'date'])
  const refused = (lines: string) => faultText(() => named(lines))
  const invalid = 'bias_audit.md: the bias audit does not match its schema:\n  '
  const expected = 'expected a digest (sha256: and 64 lowercase hexadecimal digits)'
  for (const wrong of [
    digest.replace('0', 'A'),
    digest.toUpperCase(),
    digest.slice(7),
    digest.slice(0, -1),
    `${digest}0`,
    `sha512:${'0'.repeat(128)}`
  ]) {
    t.equal(
      refused(`modelDigest: "${wrong}"`),
      `${invalid}modelDigest: ${expected}, found a string [BIAS_AUDIT_INVALID]`,
      wrong
    )
  }
  t.equal(
    refused(''),
    `${invalid}the document: expected at least one of "modelCommit", "modelDigest", "artifacts" [BIAS_AUDIT_INVALID]`
  )
  t.match(
    refused(`modelCommit: ${commit}\nmodelDigest: null`),
    `modelDigest: ${expected}, found null`
  )
  t.match(refused(`modelCommit: null\nmodelDigest: ${digest}`), 'modelCommit: expected a full Git')
  t.end()
})

t.test(
  'An audit names the digest of the model’s files, with the commit or instead of it',
  async t => {
    const rows = 'y,p,g\n1,1,A\n0,0,B\n'
    const named = ['--model', 'churn', '--version', '1.10', '--auditor', 'Lab']
    const files = await auditCommand(t, rows, 'g', [...named, '--model-digest', digest])
    t.equal(files.stderr, '', 'a policy accepts the audit')
    t.match(files.stdout, `  version: "1.10"\nmodelDigest: ${digest}\ndate: "2026-11-24"\n`)
    t.notMatch(files.stdout, 'modelCommit')
    t.equal(parseBiasAudit(files.stdout, 'bias_audit.md').modelDigest, digest)
    const cover = ['--model-digest', digest, '--commit', commit]
    const both = await auditCommand(t, rows, 'g', [...named, ...cover])
    t.match(both.stdout, `\nmodelCommit: ${commit}\nmodelDigest: ${digest}\n`)
    const json = await auditCommand(t, rows, 'g', [...named, ...cover, '--output', 'json'])
    t.same(Object.entries(JSON.parse(json.stdout) as object).slice(1, 3), [
      ['modelCommit', commit],
      ['modelDigest', digest]
    ])
    const json_ = await auditCommand(t, rows, 'g', ['--output', 'json', '--model-digest', digest])
    t.notOk('modelCommit' in (JSON.parse(json_.stdout) as object))
  }
)
