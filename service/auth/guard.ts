import { readFileSync } from 'node:fs'
import { Fault } from '../../common/fault.ts'
import { textAnswer } from '../http/answer.ts'
import type { Route } from '../http/route.ts'
import { FailureLog } from '../failure-log.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import { isShown, readCredentials } from './credentials.ts'
import type { Credentials } from './credentials.ts'

/** Admits callers that show credentials of a file, which is read again from time to time. */
export class Guard {
  readonly #file: string
  readonly #name: string
  #credentials: Credentials
  readonly #failures = new FailureLog()

  /**
   * @param name the option that names the file, for messages
   * @throws {Fault} `CREDENTIALS_UNREADABLE`, `CREDENTIALS_INVALID`
   */
  constructor(file: string, name: string) {
    this.#file = file
    this.#name = name
    this.#credentials = read(file, name)
  }

  /** Reads the file again, since mounted Secrets change. Unusable credentials leave the last good ones. */
  reload(logger: Logger): void {
    try {
      this.#credentials = read(this.#file, this.#name)
      this.#failures.succeeded()
    } catch (error) {
      this.#failures.failed(errorFields(error), fields => {
        logger.error('cannot use the changed credentials; keeping the last good ones', fields)
      })
    }
  }

  /** The same routes for callers that show credentials; others are answered 401. */
  routes(routes: readonly Route[]): readonly Route[] {
    return routes.map(route => ({
      ...route,
      handler: request =>
        isShown(request.headers.authorization, this.#credentials) ? route.handler(request) : refused
    }))
  }
}

const refused = textAnswer(401, 'credentials are required: a Bearer token or Basic', {
  'WWW-Authenticate': 'Basic realm="mlgitops", charset="UTF-8", Bearer realm="mlgitops"'
})

function read(file: string, name: string): Credentials {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const found = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('CREDENTIALS_UNREADABLE', 'cannot read the credentials', {
      where: name,
      found
    })
  }
  return readCredentials(text, name)
}
