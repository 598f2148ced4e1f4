import { eventually } from './eventually.ts'

/** What a kubelet's probe is answered. */
export interface Readiness {
  readonly status: number
  readonly text: string
}

/** Asks a server of ours, by its URL without a path, as a kubelet does. */
export async function readinessOf(url: string): Promise<Readiness> {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, text: await response.text() }
}

/** Waits until a probe is answered so; the text. */
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
