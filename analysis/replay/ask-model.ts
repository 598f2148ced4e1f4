import { setTimeout as sleep } from 'node:timers/promises'
import { member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { parseJson } from '../../common/parse-json.ts'
import type { ReplaySettings } from '../settings/replay-settings.ts'
import { jsonExcess } from '../json-excess.ts'
import { SourceDown } from '../source/exchange.ts'
import type { Exchange, SourceAnswer } from '../source/exchange.ts'
import type { LabelledItem } from './labelled-set.ts'
import { nestsTooDeep, tooDeep } from './nesting.ts'
import { positiveScore, predictedClass } from '../counter/predicted-class.ts'
import type { Protocol } from './protocol.ts'
import type { ItemAnswer } from './item-answer.ts'

/** The inference server of one arm. */
export interface ModelServer {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/** How items are sent. */
export interface AskRules {
  readonly protocol: Protocol
  readonly settings: ReplaySettings
  readonly positive: string
  /** Whether a server error counts as a bad event instead of stopping the replay. */
  readonly countsErrors: boolean
  readonly exchange: Exchange
  /** Aborts with the replay. */
  readonly signal: AbortSignal
  /** Milliseconds of a monotonic clock. */
  readonly clockMs: () => number
}

const limitBytes = 16 * 1024 * 1024
const pausesMs = [200, 800]
const maxErrorCharacters = 65_536

/**
 * Sends items to a server, and returns its answers in their order. A request is tried three times.
 *
 * @throws {SourceDown} if the server cannot be reached, or its response cannot be used; for server errors
 *   too, unless they count
 */
export async function askModel(
  server: ModelServer,
  items: readonly LabelledItem[],
  rules: AskRules
): Promise<readonly ItemAnswer[]> {
  const { protocol, settings } = rules
  const body = protocol.write(items.map(({ instance }) => instance))
  if (body === undefined) throw new SourceDown('the items of the labelled set do not form a tensor')
  for (const pauseMs of [...pausesMs, undefined]) {
    try {
      return await askOnce(server, items.length, body, rules)
    } catch (error) {
      if (!(error instanceof SourceDown) || pauseMs === undefined || rules.signal.aborted)
        throw error
      await sleep(pauseMs, undefined, { signal: rules.signal })
    }
  }
  throw new SourceDown(`the model ${settings.model ?? ''} did not respond`)
}

async function askOnce(
  { url, headers }: ModelServer,
  count: number,
  body: string,
  rules: AskRules
): Promise<readonly ItemAnswer[]> {
  const { protocol, settings, exchange, clockMs } = rules
  const timeout = AbortSignal.timeout(settings.timeoutMs)
  const target = new URL(`${url.href.replace(/\/$/, '')}/${protocol.path}`)
  const signal = AbortSignal.any([rules.signal, timeout])
  const startMs = clockMs()
  let answer: SourceAnswer
  try {
    answer = await exchange({ url: target, headers, body, limitBytes, signal })
  } catch (error) {
    if (rules.countsErrors && timeout.aborted && !rules.signal.aborted) return errors(count)
    throw error
  }
  const latencyMs = count === 1 ? clockMs() - startMs : undefined
  if (answer.status !== 200) {
    if (rules.countsErrors && answer.status >= 500) return errors(count)
    throw new SourceDown(`${url.host} responded with ${answer.status}${errorOf(answer.text)}`)
  }
  return read(answer.text, count, { latencyMs, host: url.host }, rules)
}

function read(
  text: string,
  count: number,
  { latencyMs, host }: { readonly latencyMs: number | undefined; readonly host: string },
  { protocol, settings, positive }: AskRules
): readonly ItemAnswer[] {
  const excess = jsonExcess(text)
  if (excess !== undefined) throw new SourceDown(`${host} sent a response that ${excess}`)
  const json = parse(text)
  if (json === undefined) throw new SourceDown(`${host} sent a response that is not JSON`)
  if (nestsTooDeep(json)) throw new SourceDown(`${host} sent a response that ${tooDeep}`)
  const answered = protocol.read(json, count)
  if ('unusable' in answered) throw new SourceDown(`${host}: ${answered.unusable}`)
  return answered.predictions.map(prediction => {
    const predicted = predictedClass(prediction, { ...settings, positive })
    if ('unusable' in predicted) throw new SourceDown(`${host}: ${predicted.unusable}`)
    const score = positiveScore(prediction, { ...settings, positive })
    return { predicted: predicted.name, latencyMs, ...(score === undefined ? {} : { score }) }
  })
}

function errors(count: number): readonly ItemAnswer[] {
  return Array.from({ length: count }, () => ({ predicted: undefined, latencyMs: undefined }))
}

/** The `{"error": "..."}` of both protocols. Nothing else of a body is repeated. */
function errorOf(text: string): string {
  const error = text.length > maxErrorCharacters ? undefined : member(parse(text), 'error')
  return typeof error === 'string' ? `: ${error.slice(0, 200)}` : ''
}

function parse(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
