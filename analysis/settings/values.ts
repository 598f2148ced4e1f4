import { bound } from '../../common/fault.ts'
import type { Reader } from './value.ts'

/** Reads values by key and collects what is wrong with them. */
export class Values {
  readonly problems: string[] = []
  readonly #values: ReadonlyMap<string, string>

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  optional<T>(key: string, reader: Reader<T>): T | undefined {
    const text = this.#values.get(key)
    if (text === undefined) return undefined
    const reading = reader(text)
    if ('value' in reading) return reading.value
    this.problems.push(
      `${key}: found ${JSON.stringify(bound(text, 60))}, expected ${reading.expected}`
    )
    return undefined
  }

  or<T>(key: string, reader: Reader<T>, otherwise: T): T {
    return this.optional(key, reader) ?? otherwise
  }

  has(key: string): boolean {
    return this.#values.has(key)
  }
}
