import { UsageError } from '../../common/command.ts'

/** The name of an environment is a file name and a part of a branch name. @throws {UsageError} */
export function environmentName(name: string, option: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name
  throw new UsageError(`${option} is lowercase letters, digits and dashes`)
}

/** The name of a model is a folder and a part of a branch name. @throws {UsageError} */
export function modelName(name: string): string {
  const label = '[a-z0-9]+(?:-+[a-z0-9]+)*'
  const isFit = new RegExp(`^(?=.{1,63}$)(?!.*[.]lock$)${label}(?:[.]${label})*$`).test(name)
  if (isFit) return name
  throw new UsageError('MODEL is lowercase letters, digits, dashes and dots')
}
