/*
 * A model server as a process of its own: V1 and V2, feedback, Prometheus' metrics, and a log of its own that
 * is written before anything is answered or counted. Arguments: the port and the log's file.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { drawPoints, fit } from '../../analysis/classifier.ts'
import { misbehave, readMisbehaviour } from './misbehaviour.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import { readRequest, writeAnswer } from './protocols.ts'
import { Counters } from './counters.ts'

const [port = '', log = ''] = process.argv.slice(2)
const classify = fit(drawPoints(500, 1))
const counters = new Counters(log)
let misbehaviour: Misbehaviour = { kind: 'none' }

const server = createServer((request, response) => {
  void answer(request, response)
})
server.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(`listening on ${port}\n`)
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString()
  switch (request.url) {
    case '/metrics':
      counters.scrape(response)
      return
    case '/feedback':
      counters.label(JSON.parse(body) as { predicted: number; label: number })
      response.end()
      return
    case '/misbehave':
      misbehaviour = readMisbehaviour(body)
      response.end()
      return
    default:
      await infer(request.url ?? '', body, response)
  }
}

async function infer(url: string, body: string, response: ServerResponse): Promise<void> {
  const startedMs = performance.now()
  const read = readRequest(url, body)
  if (read === undefined) {
    response.writeHead(404).end('{"error":"Model not found"}')
    return
  }
  const { protocol, instances, parameters } = read
  const scores = instances.map(classify)
  await sleep(parameters.delayMs ?? 0)
  const status = parameters.fails === true ? 500 : 200
  const seconds = (performance.now() - startedMs) / 1_000
  counters.predict({
    instances,
    predicted: scores.map(score => (score >= 0.5 ? 1 : 0)),
    status,
    seconds
  })
  if (misbehave(misbehaviour, { response, counters })) return
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(status === 200 ? writeAnswer(protocol, scores) : '{"error":"the model failed"}')
}
