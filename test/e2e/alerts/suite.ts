import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isJsonArray, member, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { readYaml } from '../../../common/yaml/read.ts'
import type { Machine } from '../rig/machine.ts'
import type { Points } from '../rig/points.ts'
import type { Suite } from '../rig/suite.ts'

const manifests = path.join(import.meta.dirname, '../../../manifests')

const components = { webhook: 'prometheus', analysis: 'prometheus', flux: 'flux-prometheus' }

/** Every alert of the components for Prometheus, by the rules' own interpreter: a point each. */
export const alerts: Suite = async ({ machine, points }) => {
  for (const part of ['webhook', 'analysis', 'flux'] as const) {
    await proveAlerts(machine, points, part)
  }
}

async function proveAlerts(
  machine: Machine,
  points: Points,
  part: keyof typeof components
): Promise<void> {
  const folder = path.join(manifests, 'components', components[part])
  const rule = readOne(path.join(folder, `${part}-rules.yaml`))
  const tests = readOne(path.join(manifests, `tests/alerts/${part}.yaml`))
  writeFileSync(path.join(machine.folder, `${part}-rules.yaml`), JSON.stringify(rule.spec))
  const names = listOf(member(rule.spec, 'groups')).flatMap(group =>
    listOf(member(group, 'rules')).map(each => stringMember(each, 'alert') ?? '')
  )
  await points.check(`every alert of the ${part} has a test`, () => {
    const tested = listOf(tests.tests).map(test => stringMember(test, 'name') ?? '')
    assert.deepEqual(tested, names)
    return Promise.resolve()
  })
  for (const test of listOf(tests.tests)) {
    const name = stringMember(test, 'name') ?? ''
    await points.check(`${name} fires when it should, and not before`, () => {
      const expected = listOf(member(test, 'alert_rule_test'))
      assert.ok(expected.every(each => stringMember(each, 'alertname') === name))
      const fires = expected.map(each => listOf(member(each, 'exp_alerts')).length > 0)
      assert.deepEqual(new Set(fires), new Set([false, true]))
      const file = path.join(machine.folder, `${name}.yaml`)
      writeFileSync(file, JSON.stringify({ ...tests, tests: [test] }))
      expectPassed(machine, file)
      return Promise.resolve()
    })
  }
}

/** The output of promtool if it fails. */
function expectPassed(machine: Machine, file: string): void {
  const ran = spawnSync(machine.peer('promtool'), ['test', 'rules', file], { encoding: 'utf8' })
  assert.equal(ran.status, 0, `${ran.stdout}${ran.stderr}`.trim())
}

function readOne(file: string): JsonObject {
  const [document] = readYaml(readFileSync(file, 'utf8'), { file })
  return document?.value as JsonObject
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isJsonArray(value) ? value : []
}
