import { readFileSync } from 'node:fs'
import https from 'node:https'

/** The floor: `node:https` that parses a review and answers it without judging. */
const [certificate = '', key = ''] = process.argv.slice(2)
const server = https.createServer(
  { cert: readFileSync(certificate), key: readFileSync(key), keepAliveTimeout: 95_000 },
  (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as {
        apiVersion: string
        kind: string
        request: { uid: string }
      }
      const { apiVersion, kind } = review
      const answer = { apiVersion, kind, response: { uid: review.request.uid, allowed: true } }
      const body = JSON.stringify(answer)
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body)
      })
      response.end(body)
    })
  }
)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`listening on port ${address?.port ?? 0}\n`)
})
process.on('SIGTERM', () => process.exit(0))
