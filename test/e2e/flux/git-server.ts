import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { serveOnLoopback } from '../rig/loopback-server.ts'
import type { Machine } from '../rig/machine.ts'

/** Serves `<folder>/<name>/.git` as `<URL>/<name>.git` with `git http-backend`. @returns the URL */
export function serveGit(machine: Machine, folder: string): Promise<string> {
  return serveOnLoopback(machine, (request, response) => {
    answer(folder, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
}

/** Answers one request through CGI (RFC 3875). */
async function answer(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://git')
  const body = await buffer(request)
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      PATH_INFO: pathname.replace(/^(\/[^/]+)\.git(?=\/)/, '$1/.git'),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      REMOTE_ADDR: '127.0.0.1',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: `${body.length}`,
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? ''
    },
    stdio: ['pipe', 'pipe', 'ignore']
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(body)
  const printed = await buffer(child.stdout)
  const end = printed.indexOf('\r\n\r\n')
  const headers = printed
    .subarray(0, end)
    .toString('latin1')
    .split('\r\n')
    .map(line => line.split(/: /, 2) as [string, string])
  const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200'
  for (const [name, value] of headers) if (name !== 'Status') response.setHeader(name, value)
  response.writeHead(Number(status.slice(0, 3))).end(printed.subarray(end + 4))
}
