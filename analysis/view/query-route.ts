import { stringifyJson } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { jsonAnswer } from '../../service/http/answer.ts'
import type { Answer } from '../../service/http/answer.ts'
import type { HttpRequest } from '../../service/http/request.ts'
import { readQuery } from './query.ts'
import type { Query } from './query.ts'

/** Returns a score of a rollout at present; undefined without data. */
export type ScoreReader = (query: Omit<ScoreQuery, 'kind'>) => number | undefined

type ScoreQuery = Extract<Query, { kind: 'score' }>

/** Answers `GET` and `POST /api/v1/query` as Prometheus does, for a MetricTemplate of Flagger. */
export function queryRoute(
  score: ScoreReader,
  nowMs: () => number
): (request: HttpRequest) => Answer {
  return request => {
    const form =
      request.method === 'POST' ? new URLSearchParams(request.body.toString()) : undefined
    const query = readQuery(form?.get('query') ?? request.queryValue('query') ?? '')
    switch (query.kind) {
      case 'malformed': {
        const error = { status: 'error', errorType: 'bad_data', error: query.reason }
        return jsonAnswer(400, stringifyJson(error))
      }
      case 'constant':
        return vector({}, query.value, nowMs())
      case 'score': {
        const { rollout, variant } = query
        return vector({ ...rollout, variant }, score(query), nowMs())
      }
    }
  }
}

/** Answers with a vector of one value, as text like Prometheus; empty without a value. */
function vector(labels: Record<string, string>, value: number | undefined, nowMs: number): Answer {
  const result: JsonValue =
    value === undefined || !Number.isFinite(value)
      ? []
      : [{ metric: labels, value: [nowMs / 1_000, String(value)] }]
  return jsonAnswer(
    200,
    stringifyJson({ status: 'success', data: { resultType: 'vector', result } })
  )
}
