import type { SQLOutputValue } from 'node:sqlite'
import { variants } from '../counter/outcome.ts'
import type { Variant } from '../counter/outcome.ts'

/** Reads a text column. */
export function text(value: SQLOutputValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Reads a nullable text column. */
export function nullableText(value: SQLOutputValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}

/** Reads a nullable numeric column. */
export function nullableNumber(value: SQLOutputValue | undefined): number | null {
  return typeof value === 'number' ? value : null
}

/** Returns the stored form of a variant. */
export function variantNumber(variant: Variant): number {
  return variants.indexOf(variant)
}

/** Reads a stored variant. */
export function variantOf(value: SQLOutputValue | undefined): Variant {
  return value === 0 ? 'primary' : 'canary'
}
