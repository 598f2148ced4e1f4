import { listNames } from '../../common/fault.ts'

/** Says which metrics of a Canary nothing here judges. */
export function unjudgedText(names: readonly string[]): string {
  const metrics = names.length === 1 ? 'metric' : 'metrics'
  return `not judged here: the Canary's ${metrics} ${listNames(names, 5)}`
}
