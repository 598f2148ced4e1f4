import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Fault } from '../../../common/fault.ts'
import { isJsonObject, stringifyJson } from '../../../common/json.ts'
import { writeYaml } from '../../../common/yaml/write.ts'
import { renderTemplate } from '../../../plugin/template/render-template.ts'
import type { Outcome } from './findings.ts'

/** A long-running program that reads YAML as kubectl does. */
export class Reader {
  readonly #child
  readonly #lines

  /** @param program the path of the program that `reader/main.go` is built to */
  constructor(program: string) {
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** The JSON of each text, or an error after an exclamation mark. */
  async read(texts: readonly string[]): Promise<readonly string[]> {
    this.#child.stdin.write(texts.map(text => `${JSON.stringify(text)}\n`).join(''))
    const answers: string[] = []
    while (answers.length < texts.length) {
      const { value, done } = await this.#lines.next()
      if (done === true) throw new Error('the reader ended')
      answers.push(value)
    }
    return answers
  }

  async close(): Promise<void> {
    this.#child.stdin.end()
    await once(this.#child, 'close')
  }
}

/** Compares how mlgitops and kubectl read texts, and how kubectl reads what mlgitops writes. */
export async function compareDocuments(
  texts: readonly string[],
  reader: Pick<Reader, 'read'>
): Promise<readonly Outcome[]> {
  const ours = texts.map(readByUs)
  const theirs = await reader.read(texts)
  const again = await reader.read(ours.map(result => ('yaml' in result ? result.yaml : '')))
  return texts.map((text, index): Outcome => {
    const [result = { reason: '' }, their = '', reprinted = ''] = [
      ours[index],
      theirs[index],
      again[index]
    ]
    if ('detail' in result) return { kind: 'differs', input: text, detail: result.detail }
    if ('reason' in result) {
      const isBoth = their.startsWith('!')
      return { kind: 'refused', reason: isBoth ? 'by both' : `by us only, ${result.reason}` }
    }
    if (their.startsWith('!'))
      return {
        kind: 'refused',
        reason: `by kubectl only, ${their.replace(/\d+/g, 'N').slice(0, 60)}`
      }
    if (canonical(their) !== canonical(result.json))
      return { kind: 'differs', input: text, detail: `${result.json}, kubectl: ${their}` }
    if (canonical(reprinted) !== canonical(result.json))
      return {
        kind: 'differs',
        input: text,
        detail: `written as ${JSON.stringify(result.yaml)}, which kubectl reads as ${reprinted}`
      }
    return { kind: 'same' }
  })
}

type Reading =
  | { readonly json: string; readonly yaml: string }
  | { readonly reason: string }
  | { readonly detail: string }

function readByUs(text: string): Reading {
  try {
    const documents = renderTemplate('t.yaml', text, { values: {}, variables: {} })
    const { value = null } = documents[0] ?? {}
    if (documents.length !== 1 || !isJsonObject(value)) return { reason: 'not one object' }
    return { json: stringifyJson(value), yaml: writeYaml(value) }
  } catch (error) {
    if (error instanceof Fault && error.details.where?.startsWith('t.yaml:') === true)
      return { reason: `${error.code}, ${error.message.slice(0, 90)}` }
    return {
      detail: `${String(error)} ${error instanceof Fault ? String(error.details.where) : ''}`
    }
  }
}

/** JSON with sorted keys and one spelling for each number; beyond int64 kubectl reads floats. */
function canonical(json: string): string {
  if (json.startsWith('!')) return json
  const revive = (_: string, value: unknown, { source = '' }: { source?: string } = {}) => {
    if (typeof value === 'number') {
      const isWhole =
        /^-?\d{1,19}$/.test(source) && BigInt.asIntN(64, BigInt(source)) === BigInt(source)
      return { number: isWhole ? BigInt(source).toString() : String(value) }
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return JSON.stringify(JSON.parse(json, revive))
}
