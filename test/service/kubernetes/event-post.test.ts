import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { createLogger } from '../../../service/log.ts'
import { EventPost } from '../../../service/kubernetes/event-post.ts'
import type { Clock } from '../../../service/kubernetes/clock.ts'
import { until } from '../loopback.ts'
import { fastClock, hastyClock } from './served.ts'

/** In the place of notification-controller: answers what `answer` says. */
class Host {
  readonly taken: unknown[] = []
  /** 0: it hangs up. */
  answer: (body: unknown, attempt: number) => number | Promise<number> = () => 202
  attempts = 0
  most = 0
  #now = 0
  readonly #server: http.Server

  static async start(t: Test, port = 0): Promise<Host> {
    const host = new Host()
    host.#server.listen(port, '127.0.0.1')
    await once(host.#server, 'listening')
    t.teardown(() => {
      host.end()
    })
    return host
  }

  private constructor() {
    this.#server = http.createServer((request, response) => {
      void json(request).then(async body => {
        this.attempts += 1
        this.#now += 1
        this.most = Math.max(this.most, this.#now)
        const status = await this.answer(body, this.attempts)
        this.#now -= 1
        if (status === 0) {
          request.socket.destroy()
          return
        }
        if (status < 300) this.taken.push(body)
        response.writeHead(status).end('said something')
      })
    })
  }

  end(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }
}

function postTo(address: string, clock: Clock = fastClock) {
  const warnings: Readonly<Record<string, unknown>>[] = []
  const write = (line: string) => {
    warnings.push(JSON.parse(line) as Record<string, unknown>)
  }
  const logger = createLogger({ level: 'warn', write, now: () => 0 })
  return { post: new EventPost({ address, clock, logger }), warnings }
}

t.test(
  'an event that cannot be taken now is retried, and the next one of its object waits',
  async t => {
    const host = await Host.start(t)
    host.answer = (body, attempt) => (body === 'failed' && attempt < 5 ? (attempt % 2) * 503 : 202)
    const { post, warnings } = postTo(host.url)
    for (const body of ['failed', 'fixed']) post.send('iris', JSON.stringify(body))
    post.send('wine', '"of another object"')
    await until(() => host.taken.length === 3)
    t.same(host.taken, ['of another object', 'failed', 'fixed'])
    t.same(warnings, [])
  }
)

t.test('an event waits for a receiver that does not listen yet', async t => {
  const gone = await Host.start(t)
  const { url } = gone
  gone.end()
  let pauses = 0
  const sleep: Clock['sleep'] = (ms, signal) => {
    pauses += 1
    return fastClock.sleep(ms, signal)
  }
  const { post, warnings } = postTo(url, { ...fastClock, sleep })
  post.send('iris', '1')
  await until(() => pauses === 2)
  const host = await Host.start(t, Number(new URL(url).port))
  await until(() => host.taken.length === 1)
  t.same(warnings, [])
})

t.test('a duplicate and a refusal are not retried; a refusal is logged', async t => {
  const host = await Host.start(t)
  const { post, warnings } = postTo(host.url)
  host.answer = () => 429
  post.send('iris', '1')
  await until(() => host.attempts === 1)
  host.answer = () => 413
  post.send('iris', '2')
  await until(() => warnings.length === 1)
  t.equal(host.attempts, 2)
  t.match(warnings, [{ message: 'cannot post the event', status: 413, attempts: 1 }])
})

t.test('after five minutes an event is dropped', async t => {
  const host = await Host.start(t)
  host.answer = () => 502
  const { post, warnings } = postTo(host.url, hastyClock)
  post.send('iris', '1')
  await until(() => warnings.length === 1)
  t.match(warnings[0], { message: 'cannot post the event', status: 502 })
  t.equal(warnings[0]?.attempts, host.attempts)
  t.ok(host.attempts > 10, `${host.attempts} attempts`)
})

t.test('four posts at a time, and a thousand that wait', async t => {
  const host = await Host.start(t)
  const held = Promise.withResolvers<number>()
  host.answer = () => held.promise
  const { post, warnings } = postTo(host.url)
  for (let index = 0; index < 1_001; index++) post.send(`iris-${index}`, String(index))
  t.match(warnings, [
    { message: 'cannot post the event', reason: '1000 events are waiting already' }
  ])
  await until(() => host.attempts === 4)
  held.resolve(202)
  await until(() => host.taken.length === 1_000)
  t.equal(host.most, 4)
})

t.test('stop tries each event once more, without a pause', async t => {
  const host = await Host.start(t)
  host.answer = () => 503
  const { post, warnings } = postTo(host.url, { ...fastClock, sleep: forEver })
  post.send('iris', '1')
  post.send('iris', '2')
  await until(() => host.attempts === 1)
  host.answer = body => (body === 1 ? 503 : 202)
  await post.stop()
  t.same(host.taken, [2])
  t.match(warnings, [{ message: 'cannot post the event', status: 503, attempts: 2 }])
})

/** Until it is ended. */
async function forEver(_: number, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
