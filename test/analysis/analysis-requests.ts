/** Content type of a batch of CloudEvents. */
export const batched = { 'content-type': 'application/cloudevents-batch+json' }

/** An object of a request or an answer. */
export type Json = Readonly<Record<string, unknown>>

/** What was answered. */
export interface Reply {
  readonly status: number
  readonly body: string
}

/** Posts; a redirect is an error. */
export async function post(
  url: string,
  body: string | Buffer,
  headers: Record<string, string>
): Promise<Reply> {
  const response = await fetch(url, { method: 'POST', body, headers, redirect: 'error' })
  return { status: response.status, body: await response.text() }
}

/** A prediction as an event of ours, now. */
export const prediction = (id: string, data: Json = {}, envelope: Json = {}) => ({
  specversion: '1.0',
  id: `event-${id}`,
  source: '/test',
  type: 'io.mlgitops.prediction',
  time: new Date().toISOString(),
  data: { rollout: 'ml/churn', variant: 'canary', id, predicted: 1, latencyMs: 12, ...data },
  ...envelope
})

/** A label as an event of ours. */
export const feedback = (id: string, label: unknown) =>
  prediction(id, {}, { type: 'io.mlgitops.feedback', data: { rollout: 'ml/churn', id, label } })

/** The body of a hook. */
export const hook = (metadata: Json = {}) =>
  JSON.stringify({
    name: 'churn',
    namespace: 'ml',
    phase: 'Progressing',
    checksum: 'c1',
    ...(Object.keys(metadata).length === 0 ? {} : { metadata })
  })

/** Content type of JSON. */
export const json = { 'content-type': 'application/json' }
/** What these tests ask for. */
export const objectives = { 'accuracy.min': '0.5', 'latency.p99.max': '100ms', maturity: '0s' }

/** `bad/events` of every objective. */
export async function counts(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/verdict?namespace=ml&name=churn`)
  const { objectives: all } = (await response.json()) as {
    objectives: readonly { metric: string; events: number; bad: number }[]
  }
  return all.map(({ metric, events, bad }) => `${metric} ${bad}/${events}`).join(', ')
}
