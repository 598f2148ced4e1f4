/** What a client can request besides the prediction: the load decides what is slow or fails. */
export interface Parameters {
  readonly delayMs?: number
  readonly fails?: boolean
}

/** The two protocols of KServe. */
export type Protocol = 'v1' | 'v2'

/** A request in either protocol. */
export interface ModelRequest {
  readonly protocol: Protocol
  readonly instances: readonly (readonly number[])[]
  readonly parameters: Parameters
}

interface Tensor {
  readonly shape: readonly [number, number]
  readonly data: readonly number[]
}

/** Undefined for a path of another model. */
export function readRequest(url: string, body: string): ModelRequest | undefined {
  switch (url) {
    case '/v1/models/churn:predict': {
      const { instances } = JSON.parse(body) as { instances: readonly (readonly number[])[] }
      return { protocol: 'v1', instances, parameters: {} }
    }
    case '/v2/models/churn/infer': {
      const { inputs, parameters = {} } = JSON.parse(body) as {
        readonly inputs: readonly [Tensor]
        readonly parameters?: Parameters
      }
      const [{ shape, data }] = inputs
      const [count, width] = shape
      const instances = Array.from({ length: count }, (_, at) =>
        data.slice(at * width, (at + 1) * width)
      )
      return { protocol: 'v2', instances, parameters }
    }
    default:
      return undefined
  }
}

/** The classes as KServe's Python server (V1) and MLServer (V2) write them. */
export function writeAnswer(protocol: Protocol, scores: readonly number[]): string {
  const classes = scores.map(score => (score >= 0.5 ? 1 : 0))
  if (protocol === 'v1') return JSON.stringify({ predictions: classes })
  const output = { name: 'predict', shape: [classes.length, 1], datatype: 'INT64', data: classes }
  return JSON.stringify({ model_name: 'churn', id: 'r', parameters: {}, outputs: [output] })
}
