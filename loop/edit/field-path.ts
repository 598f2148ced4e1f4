import { UsageError } from '../../common/command.ts'

/**
 * Reads the path of a field: keys separated by dots, list indices as `a.0.b` or `a[0].b`. A backslash takes a
 * dot, a bracket, an equals sign or a backslash as part of a key.
 *
 * @throws {UsageError} for an empty path or key, and for brackets without an index
 */
export function readFieldPath(text: string): readonly string[] {
  const steps: string[] = []
  const step = /(?:^|\.)((?:\\.|[^\\.[\]])+)|\[(\d+)\]/y
  while (step.lastIndex < text.length) {
    const from = step.lastIndex
    const found = step.exec(text)
    if (found === null || (from === 0 && found[2] !== undefined && text.startsWith('.'))) {
      throw new UsageError(`not a field path: ${JSON.stringify(text.slice(0, 100))}`)
    }
    steps.push(found[2] ?? (found[1] ?? '').replace(/\\(.)/g, '$1'))
  }
  if (steps.length === 0) throw new UsageError('the field path is empty')
  return steps
}

/** Writes a field path as {@link readFieldPath} reads it. */
export function fieldPathText(path: readonly string[]): string {
  return path.map(step => step.replace(/[\\.[\]=]/g, '\\$&')).join('.')
}
