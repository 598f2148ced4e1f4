import path from 'node:path'
import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { workloadTable } from '../../evidence/workload/table.ts'
import { describeFinding } from '../../webhook/decision.ts'
import { readPolicyFolder } from '../../webhook/policy/folder.ts'
import { subjectOfManifest } from '../../webhook/subject/subject.ts'
import { goodForm } from '../webhook/good-forms.ts'
import { context, evaluate } from '../webhook/judged.ts'
import { signed } from '../webhook/signed.ts'

const folder = path.join(import.meta.dirname, '../../manifests/policies')
const set = readPolicyFolder(folder, 'manifests/policies', [])

function violations(object: JsonObject): string[] {
  const decision = evaluate(subjectOfManifest(object), set, context)
  return decision.violations.map(
    violation => `${violation.policy} ${violation.field}: ${describeFinding(violation)}`
  )
}

for (const row of workloadTable) {
  const name = `${row.group}/${row.kind}`
  t.test(`The ready-made policies admit ${name} in a good form, signed`, t => {
    const form = goodForm(row)
    const object = signed(form)
    t.same(violations(object), [])
    const { images = [], models = [], opaque = [] } = inspectWorkload(object) ?? {}
    t.ok(images.length + models.length + opaque.length > 0, 'and it is not empty')
    t.not(violations(form).length, 0, 'unsigned it is refused')
    t.end()
  })
}
