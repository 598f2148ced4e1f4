import type { Identity } from '../../evidence/identity.ts'
import { fits } from './pattern.ts'

/** What the API server appends to generateName, in characters that no pattern can name. */
const anySuffix = '\uFFFF'.repeat(5)
/** The API server cuts the prefix so that the name has at most 63 characters (apiserver names/generate.go). */
const maxPrefix = 58

/**
 * True if a pattern matches an object's name or, before the API server has generated it, every name that
 * it can generate: `train-*` matches what has `generateName: train-`.
 */
export function fitsName(
  pattern: string,
  { name, generateName }: Pick<Identity, 'name' | 'generateName'>
): boolean {
  if (name !== '' || generateName === '') return fits(pattern, name)
  return fits(pattern, `${generateName.slice(0, maxPrefix)}${anySuffix}`)
}
