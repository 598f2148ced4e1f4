/** Parameters that are written to Git, and the names of those that are left out. */
export interface SafeParameters {
  readonly kept: Readonly<Record<string, string>>
  readonly leftOut: readonly string[]
}

/**
 * Git keeps what is written for ever, so only what looks like a hyperparameter is kept: numbers, booleans and
 * short plain words, under names that do not speak of secrets. Everything else is left out, unless `allowed` names
 * it.
 *
 * @param allowed the names that are kept whatever they look like; undefined to judge by their looks
 */
export function safeParameters(
  parameters: Readonly<Record<string, string | number | boolean>>,
  allowed: readonly string[] | undefined
): SafeParameters {
  const isKept = ([name, value]: [string, string | number | boolean]) =>
    allowed === undefined
      ? isPlain(name, value)
      : allowed.includes(name) && isOneLine(`${name}${value}`)
  const entries = Object.entries(parameters)
  return {
    kept: Object.fromEntries(
      entries
        .filter(isKept)
        .map(([name, value]) => [name, String(value)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1))
    ),
    leftOut: entries.filter(entry => !isKept(entry)).map(([name]) => name)
  }
}

const secretWords = new Set(
  'password passwd passphrase pass pwd secret secrets token credential credentials apikey key keys private auth authorization dsn url uri connection'.split(
    ' '
  )
)
const plainName = /^[A-Za-z_][A-Za-z0-9_./-]{0,99}$/
const plainWord = /^[A-Za-z0-9][A-Za-z0-9._+,() -]{0,59}$/
/** Starts of well-known tokens of forges and clouds. */
const tokenStart = /^(?:gh[pousr]_|github_pat_|glpat-|sk-|xox[a-z]-|AKIA|ASIA|eyJ|hf_|ya29\.|AIza)/

function isPlain(name: string, value: string | number | boolean): boolean {
  if (!plainName.test(name) || wordsOf(name).some(word => secretWords.has(word))) return false
  if (typeof value !== 'string') return true
  if (/^[-+]?[0-9.]+(?:e[-+]?[0-9]+)?$/i.test(value)) return value.length <= 40
  return plainWord.test(value) && !tokenStart.test(value) && !isRandom(value)
}

/** The words of a name: `apiKey`, `api_key` and `API-KEY` are "api" and "key". */
function wordsOf(name: string): readonly string[] {
  const spaced = name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
  return spaced.toLowerCase().split(/[^a-z0-9]+/)
}

function isOneLine(text: string): boolean {
  return !/\p{Cc}|[\u2028\u2029]/u.test(text) && text.length <= 2_000
}

/** Whether a word of 16 characters or more mixes letters and digits as keys do. Hashes of data are no parameters. */
function isRandom(value: string): boolean {
  return value
    .split(/[^A-Za-z0-9+]/)
    .some(word => word.length >= 16 && /[0-9]/.test(word) && /[A-Za-z]/.test(word))
}
