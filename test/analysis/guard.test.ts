import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { readGuards, readRetention } from '../../analysis/guard-options.ts'
import { isShown, readCredentials } from '../../service/auth/credentials.ts'
import { createLogger } from '../../service/log.ts'
import { InProcess } from './in-process.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

t.test('A token is accepted as Bearer, user:password as Basic, and nothing else', t => {
  const credentials = readCredentials('# old\nflagger:correct-horse\n\ntoken-of-events\n', '--x')
  for (const shown of [
    basic('flagger:correct-horse'),
    'Bearer token-of-events',
    'bearer token-of-events'
  ]) {
    t.equal(isShown(shown, credentials), true, shown)
  }
  for (const shown of [
    undefined,
    '',
    'Bearer ',
    'Bearer flagger:correct-horse',
    basic('token-of-events'),
    basic('flagger:wrong'),
    'Bearer # old',
    'Digest token-of-events',
    `Basic ${basic('flagger:correct-horse')}`
  ]) {
    t.equal(isShown(shown, credentials), false, shown ?? 'none')
  }
  for (const text of ['', '# only this', 'short', 'a b c d e f g h', `${'x'.repeat(9)}\u0007`]) {
    t.throws(() => readCredentials(text, '--x'), { code: 'CREDENTIALS_INVALID' }, text)
  }
  t.end()
})

t.test('Hooks, events and views have separate guards; health has none', async t => {
  const folder = t.testdir({
    hooks: 'flagger:correct-horse',
    events: 'token-of-events',
    views: 'token-of-views'
  })
  const guards = readGuards(
    { 'hook-auth': 'hooks', 'event-auth': 'events', 'view-auth': 'views' },
    folder
  )
  const service = await new InProcess().start({ guards })
  const status = async (method: string, target: string, authorization = '') => {
    const headers = { authorization, 'content-type': 'application/cloudevents-batch+json' }
    const body = method === 'POST' ? '[]' : undefined
    const { status: code } = await fetch(`${service.url}${target}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body })
    })
    return code
  }
  const cases: readonly (readonly [string, string, string, number])[] = [
    ['POST', '/webhook/rollback', basic('flagger:correct-horse'), 400],
    ['POST', '/v1/verdict', basic('flagger:correct-horse'), 400],
    ['POST', '/v1/events', 'Bearer token-of-events', 200],
    ['POST', '/v1/events/canary', 'Bearer token-of-events', 200],
    ['GET', '/', 'Bearer token-of-views', 200],
    ['GET', '/rollouts', 'Bearer token-of-views', 200],
    ['GET', '/rollouts/ml/churn', 'Bearer token-of-views', 404],
    ['GET', '/v1/verdict?namespace=ml&name=churn', 'Bearer token-of-views', 404],
    ['GET', '/api/v1/query?query=vector(1)', 'Bearer token-of-views', 200],
    ['GET', '/metrics', 'Bearer token-of-views', 200]
  ]
  for (const [method, target, authorization, code] of cases) {
    t.equal(await status(method, target, authorization), code, `${method} ${target}`)
    for (const wrong of [
      '',
      'Bearer wrong',
      authorization === 'Bearer token-of-events'
        ? 'Bearer token-of-views'
        : 'Bearer token-of-events'
    ]) {
      t.equal(await status(method, target, wrong), 401, `${method} ${target} with ${wrong}`)
    }
  }
  t.equal(await status('GET', '/healthz'), 200)
  await service.stop()
})

t.test('Changed credentials are used; unusable ones leave the last good ones', async t => {
  const folder = t.testdir({ views: 'the-first-token' })
  const { views } = readGuards({ 'view-auth': 'views' }, folder)
  const [route] =
    views?.routes([
      {
        method: 'GET',
        path: '/',
        handler: () => ({ status: 200, contentType: 'text/plain', body: '' })
      }
    ]) ?? []
  const status = async (token: string) => {
    const answer = await route?.handler({ headers: { authorization: `Bearer ${token}` } } as never)
    return answer?.status
  }
  const said: string[] = []
  const logger = createLogger({ level: 'info', write: line => said.push(line), now: () => 0 })
  t.equal(await status('the-first-token'), 200)
  writeFileSync(path.join(folder, 'views'), 'the-second-token\nthe-first-token')
  views?.reload(logger)
  t.equal(await status('the-second-token'), 200)
  writeFileSync(path.join(folder, 'views'), '')
  views?.reload(logger)
  views?.reload(logger)
  t.equal(await status('the-first-token'), 200)
  t.equal(said.length, 1)
  t.notMatch(said[0], /token/)
  t.throws(() => readGuards({ 'view-auth': 'missing' }, folder), {
    code: 'CREDENTIALS_UNREADABLE',
    details: { where: '--view-auth', found: 'ENOENT' }
  })
  t.equal(readRetention('48h'), 172_800_000)
  t.throws(() => readRetention('2d'), { message: /--retention must be a Go duration/ })
})
