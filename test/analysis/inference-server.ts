import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Classifier } from './classifier.ts'

/** What a server does in place of its answer. */
export type Misbehaviour = (response: ServerResponse, request: IncomingMessage) => void

/**
 * An inference server of a real classifier that speaks V1 and V2, in the shapes that KServe's Python server
 * and MLServer answer with.
 */
export class InferenceServer {
  /** Undefined: it answers as it should. */
  misbehave: Misbehaviour | undefined
  requests = 0
  /** How many requests it was answering at once, at most. */
  most = 0
  readonly bodies: string[] = []
  readonly #classify: Classifier
  #going = 0
  readonly #server = createServer((request, response) => {
    void this.#answer(request, response)
  })

  constructor(classify: Classifier) {
    this.#classify = classify
  }

  async listen(): Promise<string> {
    await new Promise<void>(resolve => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1
    this.#going += 1
    this.most = Math.max(this.most, this.#going)
    response.once('close', () => (this.#going -= 1))
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    this.bodies.push(body)
    if (this.misbehave !== undefined) {
      this.misbehave(response, request)
      return
    }
    const path = request.url ?? ''
    const answer = path === '/v1/models/churn:predict' ? this.#v1(body) : undefined
    const second = path === '/v2/models/churn/infer' ? this.#v2(body) : undefined
    response.setHeader('content-type', 'application/json')
    response.statusCode = (answer ?? second) === undefined ? 404 : 200
    response.end(JSON.stringify(answer ?? second ?? { error: 'Model not found' }))
  }

  #v1(body: string) {
    const { instances } = JSON.parse(body) as { instances: number[][] }
    return { predictions: instances.map(x => (this.#classify(x) >= 0.5 ? 1 : 0)) }
  }

  #v2(body: string) {
    interface Tensor {
      readonly shape: readonly [number, number]
      readonly data: readonly number[]
    }
    const { inputs, outputs } = JSON.parse(body) as {
      inputs: readonly [Tensor]
      outputs?: readonly [{ name: string }]
    }
    const { shape, data } = inputs[0]
    const [count, width] = shape
    const scores = Array.from({ length: count }, (_, at) =>
      this.#classify(data.slice(at * width, (at + 1) * width))
    )
    const output =
      outputs?.[0].name === 'predict_proba'
        ? { name: 'predict_proba', shape: [count, 2], data: scores.flatMap(p => [1 - p, p]) }
        : { name: 'predict', shape: [count, 1], data: scores.map(p => (p >= 0.5 ? 1 : 0)) }
    return { model_name: 'churn', parameters: null, outputs: [{ ...output, datatype: 'FP64' }] }
  }
}
