import { bound } from '../../../common/fault.ts'
import { invalid } from './document.ts'
import { compileSimple } from './simple-pattern.ts'

/** Compiled patterns by their source: each returns whether it occurs in a text. */
export type Patterns = ReadonlyMap<string, (text: string) => boolean>

/**
 * Compiles regular expressions with RE2's syntax, as Helm does, so that a test takes time linear in the
 * text. Most patterns are simple and do not need the RE2 library, whose loading takes longer than a
 * render.
 *
 * @throws {Fault} `VALUES_SCHEMA_INVALID` for a pattern that RE2 refuses
 */
export async function compilePatterns(patterns: Iterable<string>): Promise<Patterns> {
  const compiled = new Map<string, (text: string) => boolean>()
  for (const pattern of patterns) {
    compiled.set(pattern, compileSimple(pattern) ?? (await compileRe2(pattern)))
  }
  return compiled
}

async function compileRe2(pattern: string): Promise<(text: string) => boolean> {
  const { RE2JS } = await import('re2js')
  try {
    const compiled = RE2JS.compile(pattern)
    return text => compiled.matcher(text).find()
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'not valid'
    throw invalid(`pattern ${JSON.stringify(bound(pattern, 120))}: ${reason}`)
  }
}
