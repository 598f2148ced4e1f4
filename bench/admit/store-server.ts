import { writeFileSync } from 'node:fs'
import http from 'node:http'
import path from 'node:path'

/** Enough of a Kubernetes API for pepr's server to find its two stores empty and start. */
export async function startStoreServer(folder: string): Promise<{
  readonly kubeconfig: string
  stop(): void
}> {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const name =
      /peprstores\/([^/]+)$/.exec(url.pathname)?.[1] ??
      /metadata\.name=([^,&]+)/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1] ??
      'pepr-bench-store'
    const store = {
      apiVersion: 'pepr.dev/v1',
      kind: 'PeprStore',
      metadata: { name, namespace: 'pepr-system', resourceVersion: '1', uid: name },
      data: { __pepr_do_not_delete__: 'k-thx-bye' }
    }
    response.setHeader('Content-Type', 'application/json')
    if (url.searchParams.has('watch')) {
      response.write(`${JSON.stringify({ type: 'ADDED', object: store })}\n`)
      return
    }
    const isOne = request.method !== 'GET' || url.pathname.endsWith(name)
    const list = { apiVersion: 'pepr.dev/v1', kind: 'PeprStoreList', items: [store] }
    response.end(JSON.stringify(isOne ? store : { ...list, metadata: { resourceVersion: '1' } }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const kubeconfig = path.join(folder, 'kubeconfig.json')
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'bench',
      clusters: [
        {
          name: 'bench',
          cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true }
        }
      ],
      users: [{ name: 'bench', user: { token: 'bench' } }],
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }]
    })
  )
  return {
    kubeconfig,
    stop: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}
