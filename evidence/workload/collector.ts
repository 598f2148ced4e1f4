import { isJsonArray, isJsonObject, kindOf, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { artifactUri } from './artifact-uri.ts'
import type { OpaquePlace } from './kind.ts'
import type { Allowance, Reached, ValueNode } from './walk.ts'
import { RunText } from './workload.ts'
import type { OpaqueField } from './workload.ts'

/** What is at the end of a path. */
export type Take = 'image' | 'model' | 'artifact' | OpaquePlace

/** An Argo workflow with 500 templates needs about 30,000 steps. */
const maxSteps = 100_000
/** More images, models and opaque fields than a real object has; each takes microseconds per rule. */
const maxEnds = 2_000

/** Collects what an object runs, and says what is concealed. */
export class Collector {
  readonly allowance: Allowance = { steps: maxSteps, ends: maxEnds }
  readonly images: RunText[] = []
  readonly models: RunText[] = []
  readonly emptyImages: ValueNode[] = []
  /** By field: several paths can stop at the same field. */
  readonly opaque = new Map<string, OpaqueField>()

  /** Takes what a path has reached, or what stopped it. */
  take(take: Take, reached: Reached): void {
    const { value, obstacle } = reached
    if (obstacle !== undefined) this.malformed(reached, obstacle)
    else if (value === '' && take === 'image') this.emptyImages.push(reached)
    else if (isEmpty(value)) return
    else if (take === 'artifact') this.#takeLocation(reached)
    else if (typeof take === 'object') this.#takeOpaque(take, reached)
    else if (typeof value === 'string') this.#takeText(take, value, reached)
    else this.malformed(reached, `${kindOf(value)} where a string is expected`)
  }

  malformed(node: Concealed, obstacle: string): void {
    this.#conceal(node, { kind: 'malformed', reason: `holds ${obstacle}` })
  }

  #takeText(take: 'image' | 'model', value: string, node: ValueNode): void {
    this[take === 'image' ? 'images' : 'models'].push(new RunText(value, node))
    if (isExpression(value)) this.#conceal(node, expression)
  }

  #takeOpaque(place: OpaquePlace, reached: ValueNode): void {
    const { value, field } = reached
    const { onlyText, remote, inImage, defaults, kind, reason } = place
    if (place.as !== undefined) {
      this.#conceal(place.as(reached), { kind, reason })
      return
    }
    if (onlyText === true && typeof value !== 'string') return
    const isFetched = remote?.members.some(name => !isEmpty(member(value, name) ?? null)) === true
    if (remote !== undefined && isFetched) {
      this.#conceal(reached, { kind: 'remote', reason: remote.reason })
    } else if (inImage !== undefined && areAllUnder(inImage, value)) {
      this.#conceal(reached, { kind: 'code', reason: 'names code in the image' })
    } else if (defaults !== undefined && isJsonObject(value)) {
      this.#conceal({ field, value: withDefaults(value, defaults) }, { kind, reason })
    } else this.#conceal(reached, { kind, reason })
  }

  /** The whole location is bound. Where it tells its URI, that is a model as well. */
  #takeLocation(reached: ValueNode): void {
    const { key, value } = reached
    const uri = artifactUri(key, value)
    if (uri !== undefined && isExpression(uri)) this.#takeText('model', uri, reached)
    else if (uri !== undefined) {
      this.models.push(new RunText(uri, reached))
      this.#conceal(reached, { kind: 'bound', reason: 'is downloaded' })
    } else {
      const isInline = key === 'raw'
      const reason = isInline ? 'becomes a file' : 'is downloaded at run time'
      this.#conceal(reached, { kind: isInline ? 'bound' : 'code', reason })
    }
  }

  #conceal({ field, value }: Concealed, { kind, reason }: Concealment): void {
    this.opaque.set(field, { field, kind, reason, value })
  }
}

type Concealed = Pick<OpaqueField, 'field' | 'value'>
type Concealment = Pick<OpaqueField, 'kind' | 'reason'>

const expression: Concealment = { kind: 'expression', reason: 'is filled in at run time' }

/** Argo Workflows, KServe and Kubeflow Pipelines write `{{name}}`, Tekton and Kubernetes `$(name)`, Katib `${name}`. */
function isExpression(text: string): boolean {
  return text.includes('{{') || text.includes('$(') || text.includes('${')
}

/** Kubernetes treats an empty value as absent; it hides nothing. */
export function isEmpty(value: JsonValue): boolean {
  if (value === '' || value === false || value === null) return true
  if (isJsonArray(value)) return value.length === 0
  return isJsonObject(value) && Object.keys(value).length === 0
}

/** True if every text in a value, and every item of a text with commas, has this prefix. */
function areAllUnder(prefix: string, value: JsonValue): boolean {
  if (typeof value === 'string') {
    return !isExpression(value) && value.split(',').every(item => item.trim().startsWith(prefix))
  }
  if (isJsonArray(value)) return value.every(item => areAllUnder(prefix, item))
  return isJsonObject(value) && Object.values(value).every(item => areAllUnder(prefix, item))
}

function withDefaults(value: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.entries(defaults).filter(([key]) => isEmpty(member(value, key) ?? null))
  return { ...value, ...Object.fromEntries(missing) }
}
