import { readFileSync } from 'node:fs'
import { Fault } from '../../common/fault.ts'
import { textAnswer } from '../http/answer.ts'
import type { Route } from '../http/route.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import { isShown, readCredentials } from './credentials.ts'
import type { Credentials } from './credentials.ts'

/** Lets callers through that show credentials of a file, which is looked at again and again. */
export class Guard {
  readonly #file: string
  readonly #name: string
  #credentials: Credentials
  #lastFault = ''

  /**
   * @param name the option that names the file, for messages
   * @throws {Fault} `CREDENTIALS_UNREADABLE`, `CREDENTIALS_INVALID`
   */
  constructor(file: string, name: string) {
    this.#file = file
    this.#name = name
    this.#credentials = read(file, name)
  }

  /** Reads the file again: mounted secrets are renewed. What cannot be read leaves the last good ones. */
  look(logger: Logger): void {
    try {
      this.#credentials = read(this.#file, this.#name)
      this.#lastFault = ''
    } catch (error) {
      if (!(error instanceof Error) || error.message === this.#lastFault) return
      this.#lastFault = error.message
      logger.error('changed credentials are refused; the last good ones stay', errorFields(error))
    }
  }

  /** The routes for callers that show credentials; others are answered 401. */
  routes(routes: readonly Route[]): readonly Route[] {
    return routes.map(route => ({
      ...route,
      handler: request =>
        isShown(request.headers.authorization, this.#credentials) ? route.handler(request) : refused
    }))
  }
}

const refused = textAnswer(401, 'this needs credentials: a Bearer token, or Basic', {
  'WWW-Authenticate': 'Basic realm="mlgitops", charset="UTF-8", Bearer realm="mlgitops"'
})

function read(file: string, name: string): Credentials {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const found = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('CREDENTIALS_UNREADABLE', 'the credentials cannot be read', {
      where: name,
      found
    })
  }
  return readCredentials(text, name)
}
