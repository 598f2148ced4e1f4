import { Fault, listNames } from '../../common/fault.ts'
import type { Expression, PathExpression } from './expression.ts'
import { templateFunctions } from './functions/table.ts'
import type { TemplateSource } from './source.ts'
import type { Missing } from './value.ts'

/** What to do where a built-in value is not known: no file may set it. */
const builtInRemedies: ReadonlyMap<string, string> = new Map([
  ['environment', 'Name an environment: --environment, or the parameter "environment" in Argo CD.'],
  ['repoURL', 'Give the repository a remote, or pass --repo-url.'],
  ['namespace', "Give it by --namespace; under Argo CD it is the destination's."]
])
const variableNames: ReadonlyMap<string, string> = new Map([
  ['ENVIRONMENT', 'environment'],
  ['GIT_REPO', 'repoURL']
])

/** The fault of a path that leads nowhere: file, line, column, key and what was there instead. */
export function missingFault(
  missing: Missing,
  expression: Expression,
  source: TemplateSource
): Fault<'TEMPLATE_VALUE_MISSING'> {
  return new Fault('TEMPLATE_VALUE_MISSING', `no value for ${missing.path}`, {
    where: source.locate(missing.offset),
    found: missing.found,
    remedy: expression.kind === 'path' ? pathRemedy(expression) : valueRemedy
  })
}

/** The fault of a `${…}` whose value is not known. */
export function missingVariableFault(
  name: string,
  offset: number,
  source: TemplateSource
): Fault<'TEMPLATE_VALUE_MISSING'> {
  const remedy = builtInRemedies.get(variableNames.get(name) ?? '')
  return new Fault('TEMPLATE_VALUE_MISSING', `no value for \${${name}}`, {
    where: source.locate(offset),
    ...(remedy === undefined ? {} : { remedy })
  })
}

const valueRemedy =
  'Set it in a value file or a parameter, or give a default: {{ … | default "…" }}.'

function pathRemedy({ base, segments, text }: PathExpression): string {
  switch (base.kind) {
    case 'name':
      return `Values start with .Values (.Values.${text}); functions are ${listNames([...templateFunctions.keys()].sort(), 50)}; for text that another tool reads write \\{{.`
    case 'loop':
      return '@index and @key stand in {{#each}}.'
    case 'values':
      return builtInRemedies.get(segments.join('.')) ?? valueRemedy
    case 'context':
      return valueRemedy
  }
}
