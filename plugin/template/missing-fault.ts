import { Fault, listNames } from '../../common/fault.ts'
import type { Expression, PathExpression } from './expression.ts'
import { templateFunctions } from './functions/table.ts'
import type { TemplateSource } from './source.ts'
import type { Missing } from './value.ts'

/** Remedies for built-in values without a value; files cannot set them. */
const builtInRemedies: ReadonlyMap<string, string> = new Map([
  ['environment', 'Set --environment, or the parameter "environment" in Argo CD.'],
  ['repoURL', 'Add a remote to the repository, or pass --repo-url.'],
  ['namespace', 'Pass --namespace; with Argo CD it is the destination namespace.']
])
const variableNames: ReadonlyMap<string, string> = new Map([
  ['ENVIRONMENT', 'environment'],
  ['GIT_REPO', 'repoURL']
])

/** The fault of a path without a value: its position, its key and the keys that exist. */
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

/** The fault of a `${…}` without a value. */
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
      return `Values are below .Values (.Values.${text}); functions: ${listNames([...templateFunctions.keys()].sort(), 50)}; to keep braces for another tool write \\{{.`
    case 'loop':
      return '@index and @key exist only in {{#each}}.'
    case 'values':
      return builtInRemedies.get(segments.join('.')) ?? valueRemedy
    case 'context':
      return valueRemedy
  }
}
