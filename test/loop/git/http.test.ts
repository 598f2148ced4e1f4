import { globSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { noHttpBackend, serveGit } from '../http-backend.ts'
import { Remote } from '../remote.ts'

const skip = noHttpBackend
const token = 'tok-0123456789'

type Guard = (request: IncomingMessage, response: ServerResponse) => boolean

async function served(t: Test, guard: Guard): Promise<{ remote: Remote; usual: string[] }> {
  const remote = new Remote(t)
  const server = await serveGit(remote.folder, guard)
  t.teardown(() => server.close())
  remote.resultFile({ modelDigest: `sha256:${'a'.repeat(64)}` })
  writeFileSync(path.join(remote.folder, 'token'), `${token}\n`)
  const usual = ['register', '--result', 'result.json', '--environment', 'staging']
  return { remote, usual: [...usual, '--repo', `${server.url}/bare.git`] }
}

/** Command lines of all processes that have the token. */
function commandLinesWithToken(): readonly string[] {
  return globSync('/proc/[0-9]*/cmdline').flatMap(file => {
    try {
      const line = readFileSync(file, 'utf8')
      return line.includes(token) ? [line] : []
    } catch {
      return []
    }
  })
}

t.test('a token is in a header, and in no command line and no repository', { skip }, async t => {
  const seen = new Set<string | undefined>()
  const lines: string[] = []
  const { remote, usual } = await served(t, (request, response) => {
    seen.add(request.headers.authorization)
    lines.push(...commandLinesWithToken())
    if (request.headers.authorization !== undefined) return false
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    return true
  })
  const without = await remote.mlgitops(...usual)
  t.equal(without.exitCode, 1)
  t.match(without.stderr, /\[GIT_FAILED\]\n {2}found: {4}fatal: could not read Username/)
  const { stdout, stderr } = await remote.mlgitops(...usual, '--token-file', 'token')
  t.equal(stderr, '')
  t.match(JSON.parse(stdout), { pushed: true })
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  t.strictSame(seen, new Set([undefined, `Basic ${basic}`]))
  t.strictSame(lines, [])
})

t.test('an error of the server does not show the token', { skip }, async t => {
  const { remote, usual } = await served(t, (_, response) => {
    response.writeHead(500).end('no')
    return true
  })
  const { exitCode, stdout, stderr } = await remote.mlgitops(...usual, '--token-file', 'token')
  t.strictSame([exitCode, stdout], [1, ''])
  t.match(stderr, /git fetch failed \[GIT_FAILED\]\n {2}found: {4}.*error: 500/)
  t.notMatch(stderr, token)
})

t.test('a redirect is not followed: it could send the token elsewhere', { skip }, async t => {
  const { remote, usual } = await served(t, (_, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:9/bare.git' }).end()
    return true
  })
  const { exitCode, stderr } = await remote.mlgitops(...usual, '--token-file', 'token')
  t.equal(exitCode, 1)
  t.match(stderr, '[GIT_FAILED]')
})

t.test('a push that is cut off after it arrived is found, not repeated', { skip }, async t => {
  let cuts = 0
  const { remote, usual } = await served(t, (request, response) => {
    if (request.url?.endsWith('/git-receive-pack') !== true || cuts > 0) return false
    cuts++
    // The server receives the push, and the answer never comes.
    const write = response.end.bind(response)
    response.write = () => true
    response.writeHead = () => response
    response.end = ((...args: never[]) => {
      response.destroy()
      return args.length < 0 ? write() : response
    }) as typeof response.end
    return false
  })
  const { stdout, stderr } = await remote.mlgitops(...usual)
  t.equal(stderr, '')
  t.equal(cuts, 1)
  const commit = remote.inBare('rev-parse', 'main')
  // Git's HTTP client may repeat the request itself; then the server says that the branch has moved.
  t.match(JSON.parse(stdout), { commit })
  t.equal(remote.inBare('rev-list', '--count', 'main'), '2')
})

t.test('tokens go by https only, and credentials are not in addresses', async t => {
  const remote = new Remote(t)
  remote.resultFile()
  writeFileSync(path.join(remote.folder, 'token'), token)
  const ask = async (repo: string, ...more: readonly string[]) => {
    const { exitCode, stderr } = await remote.mlgitops(
      'register',
      ...['--result', 'result.json', '--environment', 'staging', '--repo', repo],
      ...more
    )
    return `${exitCode} ${stderr.split('\n')[0] ?? ''}`
  }
  const problems = [
    await ask('http://git.example.com/x.git', '--token-file', 'token'),
    await ask('https://user:secret@git.example.com/x.git'),
    await ask('ext::sh -c whoami'),
    await ask('ftp://git.example.com/x.git'),
    await ask('--upload-pack=x'),
    await ask('none.git')
  ]
  t.strictSame(problems, [
    '2 mlgitops register: --token-file needs an https address',
    '2 mlgitops register: --repo has credentials in its address: use --token-file',
    '1 mlgitops: ext::sh -c whoami: there is no such repository [REPOSITORY_ABSENT]',
    '2 mlgitops register: --repo: ftp:// is none of https, ssh, http and file',
    '2 mlgitops register: --repo needs URL|DIR (write --repo=URL|DIR if it starts with a dash)',
    '1 mlgitops: none.git: there is no such repository [REPOSITORY_ABSENT]'
  ])
})
