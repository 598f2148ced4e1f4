import { eventually } from './eventually.ts'

/** The answer to a readiness probe. */
export interface Readiness {
  readonly status: number
  readonly text: string
}

/** Probes the readiness of a service as a kubelet does. @param url without a path */
export async function readinessOf(url: string): Promise<Readiness> {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, text: await response.text() }
}

/** Waits until the readiness probe has the wanted answer; returns its text. */
export async function untilReadiness(
  url: string,
  wanted: { readonly status: number; readonly like?: RegExp; readonly timeoutMs?: number }
): Promise<string> {
  const { status, like = /^/, timeoutMs } = wanted
  return eventually(
    async () => {
      const found = await readinessOf(url)
      if (found.status !== status || !like.test(found.text)) throw new Error(found.text)
      return found.text
    },
    { what: `readiness is ${status}`, ...(timeoutMs !== undefined && { timeoutMs }) }
  )
}
