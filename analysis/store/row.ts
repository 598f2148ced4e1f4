import type { SQLOutputValue } from 'node:sqlite'
import { variants } from '../counter/outcome.ts'
import type { Variant } from '../counter/outcome.ts'

/** A column of texts. */
export function text(value: SQLOutputValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** A column of texts that may be missing. */
export function nullableText(value: SQLOutputValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}

/** A column of numbers that may be missing. */
export function nullableNumber(value: SQLOutputValue | undefined): number | null {
  return typeof value === 'number' ? value : null
}

/** How a variant is stored. */
export function variantNumber(variant: Variant): number {
  return variants.indexOf(variant)
}

/** A variant as it is stored. */
export function variantOf(value: SQLOutputValue | undefined): Variant {
  return value === 0 ? 'primary' : 'canary'
}
