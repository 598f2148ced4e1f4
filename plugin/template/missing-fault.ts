import { Fault, listNames } from '../../common/fault.ts'
import type { Expression, PathExpression } from './expression.ts'
import { templateFunctions } from './functions/table.ts'
import { otherTool } from './source.ts'
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

/**
 * The fault of a path without a value: its position, its key and the keys that exist.
 *
 * @param nearest the known name that is nearest to an unknown one
 */
export function missingFault(
  missing: Missing,
  expression: Expression,
  source: TemplateSource,
  nearest?: string
): Fault<'TEMPLATE_VALUE_MISSING'> {
  return new Fault('TEMPLATE_VALUE_MISSING', `no value for ${missing.path}`, {
    where: source.locate(missing.offset),
    found: missing.found,
    ...(nearest === undefined ? {} : { expected: `such as ${nearest}` }),
    remedy: expression.kind === 'path' ? pathRemedy(expression, missing) : valueRemedy
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

const keyRemedy =
  'Test the list or the text itself, which is false if it is empty; the items of a list are .0, .1 and so on.'

function pathRemedy({ base, segments, text }: PathExpression, missing: Missing): string {
  if (missing.impossible === 'key') return keyRemedy
  switch (base.kind) {
    case 'loop':
      return base.name === '@root'
        ? 'Values are below .Values.'
        : '@index and @key exist only in {{#each}}.'
    case 'values':
      return builtInRemedies.get(segments.join('.')) ?? valueRemedy
    case 'context':
      return missing.impossible === 'name' ? nameRemedy(text) : valueRemedy
    case 'name':
      return nameRemedy(text)
  }
}

function nameRemedy(text: string): string {
  const path = text.replace(/^(?:\.\.\/)*(?:\$|this)?\.?/, '')
  return `Values are below .Values (.Values.${path}); functions: ${listNames([...templateFunctions.keys()].sort(), 50)}. ${otherTool}`
}
