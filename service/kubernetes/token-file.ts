import { readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import type { KubeConfig, User } from '@kubernetes/client-node'
import { Fault } from '../../common/fault.ts'

type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0]

/** How old a token may be before its file is read again, as in client-go. */
const freshMs = 60_000

/** The name of the `auth-provider` that marks users whose token is in a file. */
export const tokenFileProvider = 'mlgitops-token-file'

/**
 * The token in a file that is replaced while we run, such as the one that the kubelet renews. The last
 * good token stays while the file cannot be read or is empty.
 */
export class TokenFile implements Authenticator {
  readonly #file: string
  readonly #nowMs: () => number
  #token: string
  #readAtMs: number

  /**
   * @param where what the file is called in messages
   * @param nowMs milliseconds of a clock that never goes back
   * @throws {Fault} `KUBERNETES_CONFIGURATION` when it cannot be read or is empty
   */
  constructor(file: string, where: string, nowMs: () => number) {
    this.#file = file
    this.#nowMs = nowMs
    this.#token = requireText(file, where)
    this.#readAtMs = nowMs()
  }

  isAuthProvider(user: User): boolean {
    const provider = user.authProvider as { readonly name?: unknown } | null | undefined
    return provider?.name === tokenFileProvider
  }

  applyAuthentication(_user: User, options: Pick<RequestOptions, 'headers'>): Promise<void> {
    const nowMs = this.#nowMs()
    if (nowMs - this.#readAtMs >= freshMs) this.#readAgain(nowMs)
    options.headers = { Authorization: `Bearer ${this.#token}` }
    return Promise.resolve()
  }

  /** Reads the file again for the next request: the API server refused the token. */
  expire(): void {
    this.#readAtMs = -Infinity
  }

  #readAgain(nowMs: number): void {
    this.#readAtMs = nowMs
    try {
      const token = readFileSync(this.#file, 'utf8').trim()
      if (token !== '') this.#token = token
    } catch {
      // It is being replaced: the last token stays.
    }
  }
}

/**
 * The text of a file without surrounding space.
 *
 * @param where what the file is called in messages
 * @throws {Fault} `KUBERNETES_CONFIGURATION` when it cannot be read or is empty
 */
export function requireText(file: string, where: string): string {
  let found = 'an empty file'
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (text !== '') return text
  } catch (error) {
    found = (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
  throw new Fault('KUBERNETES_CONFIGURATION', 'cannot read a file of the Kubernetes client', {
    where,
    found
  })
}
