import { Fault } from '../../common/fault.ts'
import { otherTool } from './source.ts'
import type { TemplateSource } from './source.ts'

const remedies: Readonly<Record<string, string>> = {
  if: 'Write {{#if .Values.x}} … {{else}} … {{/if}}.',
  with: 'Write {{#with .Values.x}} … {{/with}}.',
  range: 'Write {{#each .Values.list}} {{ this }} {{/each}}.',
  end: 'Close a block by its name: {{/if}}, {{/each}}.',
  include: 'Put the shared part into a kustomize base, or its values into configs/base.yaml.',
  template: 'Put the shared part into a kustomize base, or its values into configs/base.yaml.',
  define: 'Put the shared part into a kustomize base, or its values into configs/base.yaml.',
  block: 'Put the shared part into a kustomize base, or its values into configs/base.yaml.',
  tpl: 'Write the template in the file: values are not templates.',
  lookup: 'Rendering does not read a cluster: put the value into configs/<environment>.yaml.',
  break: 'Prepare the list in the values.',
  continue: 'Put the rest of the block into {{#if}}.'
}
const chartObjects: Readonly<Record<string, string>> = {
  Release: 'Use .Values.appName and .Values.namespace.',
  Chart: 'Use your own value, or .Values.gitCommit.',
  Capabilities: 'Rendering does not read a cluster: use .Values.environment.',
  Files: 'Use a configMapGenerator of kustomize.',
  Template: 'Use .Values.sourcePath.',
  Subcharts: 'Render each part as its own application path.'
}
const firstWord = /^(?:else\s+)?([a-zA-Z]+)\b/
const anywhere =
  /(:=)|(?<![\w.$])(\$[A-Za-z_]\w*)|(?<![\w)])\.(Release|Chart|Capabilities|Files|Template|Subcharts)\b/

/**
 * Refuses constructs that only Helm has, and names them. It runs before the expression is parsed, so
 * that a file written for Helm is never half rendered.
 *
 * @param expression the text between the braces, with string literals masked
 * @throws {Fault} `TEMPLATE_HELM_CONSTRUCT`
 */
export function refuseHelmConstruct(
  source: TemplateSource,
  offset: number,
  expression: string
): void {
  const word = firstWord.exec(expression)?.[1] ?? ''
  const isKeyword = Object.hasOwn(remedies, word) && !expression.startsWith(`${word}.`)
  if (isKeyword) throw helmFault(source, offset, word, keywordRemedy(word))
  const found = anywhere.exec(expression)
  if (found === null) return
  const [construct, assignment, variable, object = ''] = found
  if (assignment !== undefined || variable !== undefined) {
    const remedy = `Name the item of a loop by {{#each .Values.list as |item|}}. ${otherTool}`
    throw helmFault(source, offset + found.index, variable ?? construct, remedy)
  }
  throw helmFault(source, offset + found.index, `.${object}`, chartObjects[object])
}

/** The other keywords are those of Go's templates, which Alertmanager and others have too. */
function keywordRemedy(word: string): string {
  const remedy = remedies[word] ?? ''
  return ['include', 'tpl', 'lookup'].includes(word) ? remedy : `${remedy} ${otherTool}`
}

function helmFault(
  source: TemplateSource,
  offset: number,
  construct: string,
  remedy: string | undefined
): Fault {
  return new Fault('TEMPLATE_HELM_CONSTRUCT', `Helm's "${construct}" is not supported`, {
    where: source.locate(offset),
    ...(remedy === undefined ? {} : { remedy })
  })
}
