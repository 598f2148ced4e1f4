import type { IncomingMessage } from 'node:http'
import { isJsonObject } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'
import { answerFault, unreachable } from './api-fault.ts'

/** For a page of a list; an object has at most 3 MiB. */
const maxBodyBytes = 256 * 1024 * 1024
/** For an event with its object. */
const maxLineBytes = 8 * 1024 * 1024

/** An answer that is a JSON object, as it came and as it was read. */
export interface Answer {
  readonly text: string
  readonly value: JsonObject
}

/**
 * Reads an answer to its end.
 *
 * @param what the request did, for messages
 * @throws {Fault} as {@link answerFault} for a status that is no success; `KUBERNETES_UNREACHABLE` for
 *   an answer that breaks off; `KUBERNETES_ANSWER` for one that is too large or not a JSON object
 */
export async function readAnswer(response: IncomingMessage, what: string): Promise<Answer> {
  const { statusCode: status = 0 } = response
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunksOf(response, what)) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw answerFault(what, 0, { message: 'the answer is too large' })
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  const value = tryParseJson(text)
  if (status < 200 || status > 299) throw answerFault(what, status, value)
  if (isJsonObject(value)) return { text, value }
  throw answerFault(what, 0, { message: 'the answer is not a JSON object' })
}

/**
 * The JSON objects of an answer that has one on each line, as they arrive.
 *
 * @param received is called with each chunk
 * @throws {Fault} as {@link readAnswer}
 */
export async function* readLines(
  response: IncomingMessage,
  what: string,
  received: () => void
): AsyncGenerator<JsonObject> {
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const chunk of chunksOf(response, what)) {
    received()
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]).toString()
      rest = []
      restBytes = 0
      start = end + 1
      if (line.trim() !== '') yield lineObject(line, what)
    }
    restBytes += chunk.length - start
    if (restBytes > maxLineBytes) throw answerFault(what, 0, { message: 'an event is too large' })
    if (start < chunk.length) rest.push(chunk.subarray(start))
  }
  if (restBytes > 0) throw unreachable(what, 'the answer broke off within an event')
}

function lineObject(line: string, what: string): JsonObject {
  const value = tryParseJson(line)
  if (isJsonObject(value)) return value
  throw answerFault(what, 0, { message: 'an event is not a JSON object' })
}

async function* chunksOf(response: IncomingMessage, what: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of response) yield chunk as Buffer
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw unreachable(what, (error as NodeJS.ErrnoException).code ?? error.name)
  }
}
