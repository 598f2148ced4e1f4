import { SCALAR_STYLE } from 'js-yaml'
import { Fault } from '../../common/fault.ts'
import { resolvePlain, resolveValue } from '../../common/yaml/scalar.ts'
import { doubleQuoted, writeYaml } from '../../common/yaml/write.ts'
import type { FoundScalar } from './find-scalar.ts'

/** The value that a scalar gets, and how it is written. */
export interface NewScalar {
  readonly value: string | number | boolean | bigint | null
  readonly written: string
  /** The type that the field had before, if it is text now. */
  readonly lostType?: 'number' | 'boolean'
}

/**
 * Chooses how `text` is written in place of a scalar. The scalar keeps its type where the text can have it: a
 * number stays a number if it prints as this text, a boolean if the text is `true` or `false`. Everything else is
 * text, and quoted if a reader of YAML 1.1 or 1.2 could take it for something else: `07e1234`, `1.10`, `no`.
 *
 * @throws {Fault} `SET_VALUE` for `yes`, `no`, `on` and `off` in place of a boolean
 */
export function newScalar(old: FoundScalar, text: string, where: string): NewScalar {
  const isPlain = old.event.style === SCALAR_STYLE.PLAIN
  const kind = isPlain ? typeOf(resolvePlain(old.text)) : 'string'
  if (kind === 'boolean' && booleanWord.test(text)) {
    throw new Fault('SET_VALUE', 'not a clear value for a boolean', {
      where,
      found: JSON.stringify(text),
      expected: 'true or false'
    })
  }
  if (kind === 'boolean' && /^(?:true|false)$/.test(text)) {
    return { value: text === 'true', written: text }
  }
  if (kind === 'number' && isNumber(text)) {
    return { value: resolveValue(text, { exactNumbers: 'integers' }) as number, written: text }
  }
  if (kind === 'null' && text === 'null') return { value: null, written: text }
  const isLost = kind === 'number' || kind === 'boolean'
  return { value: text, written: writeString(old, text), ...(isLost ? { lostType: kind } : {}) }
}

const booleanWord = /^(?:y|yes|n|no|on|off)$/i

/** Whether a number prints as this text, so that nothing is lost: not `1.10`, `1e3` or 20 digits. */
function isNumber(text: string): boolean {
  if (/^(?:0|-?[1-9][0-9]{0,18})$/.test(text)) {
    return BigInt.asIntN(64, BigInt(text)) === BigInt(text)
  }
  return /^-?[0-9]+\.[0-9]+$/.test(text) && String(Number(text)) === text
}

function typeOf(value: unknown): 'boolean' | 'number' | 'null' | 'string' {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'number' || typeof value === 'bigint' ? 'number' : 'string'
}

function writeString({ event, isInFlow }: FoundScalar, text: string): string {
  const isOneLine = !/[\n\r\u0085\u2028\u2029]/.test(text)
  if (event.style === SCALAR_STYLE.SINGLE_QUOTED && /^[\x20-\x7e\u00a0-\u2027]*$/.test(text)) {
    return `'${text.replaceAll("'", "''")}'`
  }
  if (event.style === SCALAR_STYLE.DOUBLE_QUOTED || !isOneLine) return doubleQuoted(text)
  const written = writeYaml(text).slice(0, -1)
  return isInFlow && written === text && /[,[\]{}]/.test(text) ? doubleQuoted(text) : written
}
