import type { JsonObject } from '../../../common/json.ts'
import { compileProgram } from '../../../webhook/cel/program.ts'
import { describeFinding } from '../../../webhook/decision.ts'
import type { CelOptions } from '../../../webhook/policy/model-policy.ts'

const object: JsonObject = {
  kind: 'Job',
  metadata: { name: 'train', labels: { team: 'ml' } },
  spec: {
    replicas: 3,
    ratio: 0.5,
    big: 9007199254740993n,
    beyond: 1e19,
    bigger: 9223372036854775808n,
    least: -9223372036854775808n,
    none: null,
    constructor: 'own',
    cpu: '500m',
    memory: '1.5Gi',
    images: ['a:1', 'b:2', 'c'],
    ports: [{ port: 80 }, { port: 443 }]
  }
}

interface Bound {
  readonly object?: JsonObject
  readonly oldObject?: JsonObject | null
  readonly attestation?: JsonObject | null
}

/** What a rule, or one expression, says of an object: `field: problem; found ...`. */
export function judge(options: CelOptions | string, bound: Bound = {}): readonly string[] {
  const rule = typeof options === 'string' ? { validations: [{ expression: options }] } : options
  const request = { operation: 'CREATE', userInfo: { username: 'jane', groups: ['dev'] } }
  const bindings = { object, oldObject: null, attestation: null, request, ...bound }
  return compileProgram(rule)(bindings).map(found => `${found.field}: ${describeFinding(found)}`)
}
