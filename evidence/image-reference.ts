/** A parsed image reference. */
export interface ImageReference {
  /** The host that the container runtime contacts: `docker.io` if none is given. */
  readonly registry: string
  /** The path in the registry, including an implied `library/`. */
  readonly repository: string
  readonly tag?: string
  /** `sha256:...`. It takes precedence over a tag. */
  readonly digest?: string
}

/** A parsed image reference, or why the text is invalid. */
export type ParsedImage =
  | { readonly kind: 'reference'; readonly reference: ImageReference }
  | { readonly kind: 'invalid'; readonly reason: string }

const maxNameCharacters = 255
const maxImageCharacters = 1_024
const alphanumeric = '[a-z0-9]+'
const separator = '(?:[._]|__|[-]+)'
const component = new RegExp(`^${alphanumeric}(?:${separator}${alphanumeric})*$`)
const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const digestHexLengths = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128]
])

/**
 * Parses an image reference like a container runtime: github.com/distribution/reference,
 * `ParseDockerRef`. The first segment is a host if it contains a dot, a colon or an upper case letter, or
 * is `localhost`; otherwise the host is Docker Hub. All spellings of a host (`index.docker.io`) give the
 * same reference. Linear in the text's length.
 */
export function parseImageReference(text: string): ParsedImage {
  if (text.length > maxImageCharacters) return invalid('it is longer than 1,024 characters')
  if (/^[a-f0-9]{64}$/.test(text)) return invalid('it is a bare image ID')
  const parts = splitReference(text)
  const { host, path, tag, digest } = parts
  const problem = problemOf(parts)
  if (problem !== undefined) return invalid(problem)
  const registry = host === 'index.docker.io' ? 'docker.io' : host
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path
  if (registry.length + 1 + repository.length > maxNameCharacters) {
    return invalid(`its name is longer than ${maxNameCharacters} characters`)
  }
  const pins = {
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest })
  }
  return { kind: 'reference', reference: { registry, repository, ...pins } }
}

interface Parts {
  readonly host: string
  readonly path: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

function splitReference(text: string): Parts {
  const [named, digest] = cut(text, '@')
  const { host, rest } = splitHost(named)
  const [path, tag] = cut(rest, ':')
  return { host, path, tag, digest }
}

function cut(text: string, mark: string): readonly [string, string | undefined] {
  const at = text.indexOf(mark)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function problemOf({ host, path, tag, digest }: Parts): string | undefined {
  if (digest !== undefined && !isDigest(digest)) return 'its digest is malformed'
  if (tag !== undefined && !tagPattern.test(tag)) return 'its tag is malformed'
  if (!domain.test(host)) return 'its registry is malformed'
  if (path.split('/').every(part => component.test(part))) return undefined
  return 'its name is malformed (lower case letters, digits and single separators)'
}

/** True for a valid prefix: a host, and whole path segments. */
export function isImagePrefix(prefix: string): boolean {
  const [host = '', ...path] = prefix.replace(/\/$/, '').split('/')
  return (
    domain.test(host.replace(/^\*\./, 'x.')) &&
    /[.:]|^localhost$/.test(host) &&
    path.every(part => component.test(part))
  )
}

/**
 * True when an image is under an allowed prefix: `ghcr.io` is the whole registry, `ghcr.io/acme`
 * everything below that path, `ghcr.io/acme/trainer` also the image itself. A leading `*.` matches one
 * label of the host. Whole segments only: `ghcr.io/acme` is not `ghcr.io/acme-evil`. Hosts ignore case.
 */
export function underPrefix(prefix: string): (reference: ImageReference) => boolean {
  const [host = '', ...path] = prefix.replace(/\/$/, '').split('/')
  const isHost = hostTest(host.toLowerCase())
  const wanted = path.join('/')
  const below = wanted === '' ? '' : `${wanted}/`
  return ({ registry, repository }) =>
    isHost(registry.toLowerCase()) && (repository === wanted || repository.startsWith(below))
}

function hostTest(host: string): (registry: string) => boolean {
  const wanted = host === 'index.docker.io' ? 'docker.io' : host
  if (!wanted.startsWith('*.')) return registry => registry === wanted
  return registry => registry.slice(registry.indexOf('.')) === wanted.slice(1)
}

function splitHost(name: string): { readonly host: string; readonly rest: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(0, slash))
  if (!/[.:A-Z]/.test(first) && first !== 'localhost') {
    return { host: 'docker.io', rest: name }
  }
  return { host: first, rest: name.slice(slash + 1) }
}

function isDigest(text: string): boolean {
  const [algorithm = '', hex = ''] = text.split(':', 2)
  return text === `${algorithm}:${hex}` && /^[a-f0-9]+$/.test(hex)
    ? digestHexLengths.get(algorithm) === hex.length
    : false
}

function invalid(reason: string): ParsedImage {
  return { kind: 'invalid', reason }
}
