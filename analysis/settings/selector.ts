import type { Reader } from './value.ts'

/** A Prometheus series selector: matchers, including the metric name. Other PromQL is rejected. */
export interface Selector {
  /** `__name__="http_requests_total"`, `code=~"5.."`. */
  readonly matchers: readonly string[]
}

const matcherSource = `[a-zA-Z_][a-zA-Z0-9_]*\\s*(?:=~|!~|!=|=)\\s*(?:"(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\\\n]|\\\\.)*')`
const listSource = `\\s*(?:${matcherSource}\\s*(?:,\\s*${matcherSource}\\s*)*,?\\s*)?`
const wholeSelector = new RegExp(
  `^\\s*(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)?\\s*(?:\\{(?<list>${listSource})\\})?\\s*$`
)
const wholeList = new RegExp(`^(?:\\{(?<inner>${listSource})\\}|(?<bare>${listSource}))$`)
const maxCharacters = 1_000
const placeholder = /\{\{\s*(name|namespace|target)\s*\}\}/g

/** Reads a selector such as `http_requests_total{code=~"5.."}`; rejects aggregations and rates. */
export const selector: Reader<Selector> = text => {
  const groups = text.length > maxCharacters ? undefined : wholeSelector.exec(text)?.groups
  const matchers = split(groups?.list ?? '')
  if (groups?.name !== undefined) matchers.unshift(`__name__=${JSON.stringify(groups.name)}`)
  return matchers.length > 0
    ? { value: { matchers } }
    : { expected: 'a series selector, such as http_requests_total{code=~"5.."}, without functions' }
}

/** Reads label matchers, with or without the braces of a selector: `namespace="ml",pod=~"churn-.*"`. */
export const matcherList: Reader<readonly string[]> = text => {
  const groups = text.length > maxCharacters ? undefined : wholeList.exec(text)?.groups
  const matchers = split(groups?.inner ?? groups?.bare ?? '')
  return matchers.length > 0
    ? { value: matchers }
    : { expected: 'label matchers, such as namespace="{{ namespace }}",pod=~"{{ target }}-.*"' }
}

function split(list: string): string[] {
  return [...list.matchAll(new RegExp(matcherSource, 'g'))].map(([matcher]) => matcher)
}

/** Values of `{{ name }}`, `{{ namespace }}` and `{{ target }}`. */
export type SelectorNames = Readonly<Record<'name' | 'namespace' | 'target', string>>

/** Writes a selector for Prometheus, with more matchers and with names instead of placeholders. */
export function writeSelector(
  { matchers }: Selector,
  more: readonly string[],
  names: SelectorNames
): string {
  const list = [...matchers, ...more].join(',')
  return `{${list.replace(placeholder, (_, key: keyof SelectorNames) => names[key])}}`
}
