import type { Depth } from './admitted.ts'
import { UsageError } from '../../common/command.ts'
import { isImagePrefix, parseImageReference, underPrefix } from '../../evidence/image-reference.ts'
import type { ImageReference } from '../../evidence/image-reference.ts'

/** An operator whose children pass if their owner was admitted with what they run. */
export interface Operator {
  /** `system:serviceaccount:NAMESPACE:ACCOUNT`. */
  readonly username: string
  /** Of the account: where some operators keep templates for all namespaces. */
  readonly namespace: string
  /** True for an image that the operator adds by itself, such as the storage initializer of KServe. */
  readonly adds: (image: ImageReference) => boolean
  /** `images` for `NAMESPACE:ACCOUNT=images`: commands and variables are not compared. */
  readonly depth: Depth
}

/** What `--operator`, `--operator-images` and `--controller` say. */
export interface OperatorChoices {
  /** Those whose children are compared with their owner. */
  readonly operators: readonly Operator[]
  /** User names whose children are not judged (`=full`, `--controller`). */
  readonly controllers: readonly string[]
}

interface GivenOperators {
  readonly operator: readonly string[]
  readonly 'operator-images': readonly string[]
  readonly controller: readonly string[]
}

/**
 * Reads the options that say whose children pass, and how. An account that is given twice has the
 * wider trust: `=full`, then `=images`.
 *
 * @throws {UsageError} for a text that is no account or image, and images of an unknown operator
 */
export function readOperators(given: GivenOperators): OperatorChoices {
  const accounts = given.operator.map(readAccount)
  const withTrust = (trust: Trust) =>
    accounts.filter(each => each.trust === trust).map(({ account }) => account)
  const full = withTrust('full')
  const byImages = withTrust('images')
  const narrow = new Set(
    accounts.map(({ account }) => account).filter(account => !full.includes(account))
  )
  const images = given['operator-images'].map(readImages)
  const unknown = images.find(({ account }) => !accounts.some(each => each.account === account))
  if (unknown !== undefined) {
    throw new UsageError(
      `--operator-images names ${unknown.account}, which no --operator names; add --operator ${unknown.account}`
    )
  }
  return {
    operators: [...narrow].map(account => ({
      username: usernameOf(account),
      namespace: account.split(':')[0] ?? '',
      adds: anyOf(images.filter(each => each.account === account).map(({ adds }) => adds)),
      depth: byImages.includes(account) ? 'images' : 'programs'
    })),
    controllers: [...given.controller, ...full.map(usernameOf)]
  }
}

/** A name of Kubernetes: lower case letters, digits and hyphens, and dots in names of accounts. */
const accountPattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/

function usernameOf(account: string): string {
  return `system:serviceaccount:${account}`
}

type Trust = 'programs' | 'images' | 'full'

function readAccount(text: string): { readonly account: string; readonly trust: Trust } {
  const [account = '', trust = 'programs', ...rest] = text.split('=')
  const isKnownTrust = trust === 'images' || trust === 'full' || !text.includes('=')
  if (accountPattern.test(account) && isKnownTrust && rest.length === 0) {
    return { account, trust: trust as Trust }
  }
  throw new UsageError(
    `--operator must be NAMESPACE:ACCOUNT, NAMESPACE:ACCOUNT=images or NAMESPACE:ACCOUNT=full, found ${text}; for a user that is no service account use --controller`
  )
}

function readImages(text: string): {
  readonly account: string
  readonly adds: Operator['adds']
} {
  const at = text.indexOf('=')
  const account = text.slice(0, Math.max(0, at))
  const images = text.slice(at + 1).split(',')
  const adds = images.map(matcherOf)
  if (accountPattern.test(account) && adds.every(each => each !== undefined)) {
    return { account, adds: anyOf(adds) }
  }
  throw new UsageError(
    `--operator-images must be NAMESPACE:ACCOUNT=IMAGE,..., found ${text}; an image is HOST/PATH for all below it, or has a tag or a digest`
  )
}

/** Everything under a prefix, or exactly one tag or digest; undefined for neither. */
function matcherOf(image: string): Operator['adds'] | undefined {
  if (isImagePrefix(image)) return underPrefix(image)
  const parsed = parseImageReference(image)
  if (parsed.kind === 'invalid') return undefined
  const { registry, repository, tag, digest } = parsed.reference
  if (tag === undefined && digest === undefined) return undefined
  return found =>
    found.registry === registry &&
    found.repository === repository &&
    (digest === undefined
      ? found.tag === tag && found.digest === undefined
      : found.digest === digest)
}

function anyOf(matchers: readonly Operator['adds'][]): Operator['adds'] {
  return image => matchers.some(adds => adds(image))
}
