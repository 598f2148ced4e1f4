import { isJsonArray, isJsonObject, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'

/**
 * What an object says about one container, step or script, or about the command of a probe or a hook.
 * An absent part is empty.
 */
export interface Program {
  /** As Kubernetes writes field paths. */
  readonly field: string
  /** `exec` is the command of a probe or a lifecycle hook. */
  readonly role: 'container' | 'exec'
  readonly name?: string
  readonly image?: string
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly script?: string
  readonly env: readonly Variable[]
  readonly envFrom: readonly JsonValue[]
}

/** An environment variable. */
export interface Variable {
  readonly name: string
  /** Undefined if it is taken from elsewhere. */
  readonly value: string | undefined
  readonly from: JsonValue | undefined
}

/** More than any real object has; the rest counts as a program that nobody stated. */
const maxValues = 100_000

/**
 * Returns every program of an object, wherever it is: an object with an image, a command, arguments, a
 * script or variables. Metadata and status are left out.
 */
export function programsOf(object: JsonObject): readonly Program[] {
  const programs: Program[] = []
  const pending = Object.entries(object)
    .filter(([key]) => key !== 'metadata' && key !== 'status')
    .map(([key, value]) => ({ field: key, key, value }))
  for (let left = maxValues; left > 0; left -= 1) {
    const next = pending.pop()
    if (next === undefined) return programs
    const { field, key, value } = next
    if (isJsonArray(value)) {
      pending.push(...value.map((each, at) => ({ field: `${field}[${at}]`, key: '', value: each })))
    } else if (isJsonObject(value)) {
      const program = programAt(value, field, key)
      if (program !== undefined) programs.push(program)
      const members = Object.entries(value).filter(([, each]) => typeof each === 'object')
      pending.push(
        ...members.map(([name, each]) => ({ field: `${field}.${name}`, key: name, value: each }))
      )
    }
  }
  return [...programs, { ...nothing, field: 'spec', command: ['more than can be compared'] }]
}

const nothing = { role: 'container', command: [], args: [], env: [], envFrom: [] } as const

function programAt(object: JsonObject, field: string, key: string): Program | undefined {
  const command = texts(object.command)
  const args = texts(object.args)
  const script = scriptOf(object)
  const image = stringMember(object, 'image')
  const name = stringMember(object, 'name')
  const env = variables(object.env)
  const envFrom = isJsonArray(object.envFrom) ? object.envFrom : []
  const isProgram = image !== undefined || script !== undefined
  if (!isProgram && [command, args, env, envFrom].every(each => each.length === 0)) return undefined
  return {
    field,
    role: key === 'exec' && image === undefined ? 'exec' : 'container',
    ...(name !== undefined && name !== '' && { name }),
    ...(image !== undefined && { image }),
    command,
    args,
    ...(script !== undefined && { script }),
    env,
    envFrom
  }
}

/** `script` of Tekton, `source` of Argo Workflows, which has an image beside it. */
function scriptOf(object: JsonObject): string | undefined {
  const script = stringMember(object, 'script')
  if (script !== undefined && script !== '') return script
  return object.image === undefined ? undefined : stringMember(object, 'source')
}

function texts(list: JsonValue | undefined): readonly string[] {
  if (typeof list === 'string') return [list]
  if (!isJsonArray(list)) return []
  return list.map(each => (typeof each === 'string' ? each : JSON.stringify(each)))
}

function variables(list: JsonValue | undefined): readonly Variable[] {
  if (!isJsonArray(list)) return []
  return list.flatMap(each => {
    if (!isJsonObject(each)) return []
    const { value, valueFrom } = each
    const text = typeof value === 'string' ? value : ''
    return [
      {
        name: stringMember(each, 'name') ?? '',
        value: valueFrom === undefined ? text : undefined,
        from: valueFrom
      }
    ]
  })
}
