import { isJsonObject, member, stringMember } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import type { Program } from './program.ts'
import type { Rewriting } from './rewriting.ts'

const executor = '/var/run/argo/argoexec'

/**
 * Argo Workflows runs commands by its emissary, has its init container write the source of a script from
 * the template in a variable, and replaces expressions (workflow/controller/workflowpod.go). The command
 * of a container without one is the image's, which it reads from the registry.
 */
export const argoRewriting: Rewriting = {
  groups: ['argoproj.io'],
  expression: /\{\{[\s\S]*?\}\}/gu,
  readsImages: true,
  unwrap: words => {
    const at = words.indexOf('--')
    const isWrapped = words[0] === executor && words[1] === 'emissary' && at !== -1
    return isWrapped ? words.slice(at + 1) : undefined
  },
  scriptFile: /^\/argo\/staging\/script$/u,
  scripts: program => {
    const [first, second] = [...program.command, ...program.args]
    const isExecutor =
      first === undefined || first === 'argoexec' || (first === executor && second !== undefined)
    return isExecutor ? stagedScripts(program) : undefined
  },
  variables: /^ARGO_\w+$/u
}

function stagedScripts({ env }: Program): readonly string[] | undefined {
  const template = env.find(({ name }) => name === 'ARGO_TEMPLATE')?.value
  if (template === undefined) return []
  const source = stringMember(member(parse(template), 'script'), 'source')
  return source === undefined ? [] : [source]
}

function parse(text: string): JsonValue | undefined {
  try {
    const value = JSON.parse(text) as JsonValue
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
