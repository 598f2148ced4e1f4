import { request } from 'node:https'
import type { Agent } from 'node:https'
import { stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'

/** An answer of the API server. */
export interface ApiAnswer {
  readonly status: number
  readonly body: JsonObject
  /** The `message` of the answer's Status object; empty on success. */
  readonly message: string
  /** The texts of its Warning headers. */
  readonly warnings: readonly string[]
}

/** The API server's URL and the credentials of the caller. */
export interface ApiTarget {
  readonly url: string
  readonly token: string
  readonly agent: Agent
}

const mergePatch = 'application/merge-patch+json'
/** Longer than the API server's own request timeout. */
const timeoutMs = 90_000
const applyPatch = 'application/apply-patch+yaml'

/** Calls the API server with plain paths and objects. */
export class ApiClient {
  readonly #target: ApiTarget

  constructor(target: ApiTarget) {
    this.#target = target
  }

  get(path: string): Promise<ApiAnswer> {
    return this.send('GET', path)
  }

  create(path: string, object: JsonObject): Promise<ApiAnswer> {
    return this.send('POST', path, object)
  }

  replace(path: string, object: JsonObject): Promise<ApiAnswer> {
    return this.send('PUT', path, object)
  }

  patch(path: string, change: JsonValue, contentType = mergePatch): Promise<ApiAnswer> {
    return this.send('PATCH', path, change, contentType)
  }

  /** Server-side apply. */
  apply(path: string, object: JsonObject): Promise<ApiAnswer> {
    return this.send('PATCH', `${path}?fieldManager=e2e&force=true`, object, applyPatch)
  }

  remove(path: string): Promise<ApiAnswer> {
    return this.send('DELETE', path)
  }

  /**
   * Reads the object at a path.
   *
   * @throws {Error} if it does not exist
   */
  async read(path: string): Promise<JsonObject> {
    return expectSuccess(await this.get(path), `GET ${path}`)
  }

  /** Reads the objects of a list. */
  async list(path: string): Promise<readonly JsonObject[]> {
    return ((await this.read(path)).items ?? []) as JsonObject[]
  }

  send(
    method: string,
    path: string,
    body?: JsonValue,
    contentType = 'application/json'
  ): Promise<ApiAnswer> {
    const { url, token, agent } = this.#target
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: 'application/json',
      ...(body !== undefined && { 'Content-Type': contentType })
    }
    return new Promise((resolve, reject) => {
      const options = { method, agent, headers, timeout: timeoutMs }
      const sent = request(new URL(path, url), options, answer => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const body = readBody(Buffer.concat(chunks).toString())
          resolve({
            status: answer.statusCode ?? 0,
            body,
            message: stringMember(body, 'message') ?? '',
            warnings: readWarnings(answer.headers.warning)
          })
        })
      })
      sent.on('error', reject)
      sent.on('timeout', () => {
        sent.destroy(new Error(`${method} ${path}: no answer in ${timeoutMs / 1_000} s`))
      })
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }
}

/** Returns the body of a successful answer. @throws {Error} with the server's message for any other */
export function expectSuccess(answer: ApiAnswer, what: string): JsonObject {
  if (answer.status >= 200 && answer.status < 300) return answer.body
  throw new Error(`${what}: ${answer.status} ${answer.message}`)
}

/** Endpoints like `/healthz` answer plain text. */
function readBody(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    return { message: text }
  }
}

function readWarnings(header: string | string[] | undefined): string[] {
  const text = [header ?? []].flat().join(', ')
  return [...text.matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)].map(
    match => JSON.parse(match[1] ?? '""') as string
  )
}
