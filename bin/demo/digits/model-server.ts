import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { foursAndNines, side, trainingDigits } from './digits.ts'
import { makeModel, modelNames } from './models.ts'
import type { Model } from './models.ts'

/** A model is asked so long before it serves, so that its code is compiled. */
const warmingMs = 60
const maxBodyBytes = 64 * 1024

/**
 * Serves one model by the Open Inference Protocol (V2): `POST /v2/models/NAME/infer` with one tensor of
 * 784 FP32. The answer's parameter `processor_ms` is the processor time of the prediction. Run as `node model-server.ts NAME`; prints its address on stdout.
 */
function serveModel(name: string): void {
  const known = modelNames.find(candidate => candidate === name)
  if (known === undefined) throw new Error(`the models are ${modelNames.join(', ')}`)
  const model = makeModel(known)
  const startedMs = performance.now()
  for (const { pixels } of foursAndNines().slice(trainingDigits)) {
    if (performance.now() - startedMs > warmingMs) break
    model(pixels)
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxBodyBytes) chunks.push(chunk)
    })
    request.on('end', () => {
      const isInfer = request.method === 'POST' && request.url === `/v2/models/${name}/infer`
      const answer = isInfer
        ? infer(name, model, Buffer.concat(chunks).toString())
        : { status: 404, body: { error: 'model not found' } }
      response.writeHead(answer.status, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify(answer.body))
    })
  })
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.stdout.write(`listening on http://127.0.0.1:${port}\n`)
  })
  process.once('SIGTERM', () => process.exit(0))
}

interface InferRequest {
  readonly id?: string
  readonly inputs: readonly { readonly data: readonly number[] }[]
}

function infer(name: string, model: Model, text: string): { status: number; body: object } {
  try {
    const { id, inputs } = JSON.parse(text) as InferRequest
    const pixels = inputs[0]?.data ?? []
    if (pixels.length !== side * side) throw new Error('the tensor must have 784 values')
    const started = process.cpuUsage()
    const digit = model(pixels)
    const { user, system } = process.cpuUsage(started)
    const outputs = [{ name: 'digit', shape: [1], datatype: 'INT64', data: [digit] }]
    const parameters = { processor_ms: (user + system) / 1_000 }
    return { status: 200, body: { model_name: name, id, outputs, parameters } }
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : 'unknown' } }
  }
}

serveModel(process.argv[2] ?? '')
