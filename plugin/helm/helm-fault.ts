import { bound, Fault } from '../../common/fault.ts'
import type { JsonValue } from '../../common/json.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import { redact } from '../values/redact.ts'
import type { Chart } from './chart.ts'
import { templateName } from './helm-output.ts'
import { builtInsKey } from './settings.ts'

const maxCharacters = 3_000

/**
 * The fault of a chart that Helm refused: Helm's text with our file names, and without the values that it
 * quotes.
 *
 * @param values the values of the chart
 */
export function helmFault(
  stderr: string,
  values: JsonValue,
  { tree, chart }: { readonly tree: RepositoryTree; readonly chart: Chart }
): Fault {
  const text = withoutNoise(redact(stderr, values))
  const named = text.replace(pathsOf(chart), found => templateName(found, tree, chart))
  const where = placeOf(text, tree, chart) ?? tree.nameOf(chart.folder)
  const remedy = remedyOf(text, chart)
  return new Fault('HELM_FAILED', 'helm refused the chart', {
    where,
    found: bound(named, maxCharacters),
    ...(remedy !== undefined && { remedy })
  })
}

function withoutNoise(stderr: string): string {
  return stderr
    .replace(/^Error: /m, '')
    .replace(/\n*Use --debug flag to render out invalid YAML\s*$/, '')
    .trim()
}

function pathsOf({ name }: Chart): RegExp {
  return new RegExp(`(?<![\\w./-])${escaped(name)}/[^\\s:()"<>]+`, 'g')
}

/** The first `file:line:column` in Helm's text; here columns count from 1. */
function placeOf(text: string, tree: RepositoryTree, chart: Chart): string | undefined {
  const match = new RegExp(
    `(?<![\\w./-])(${escaped(chart.name)}/[^\\s:()"<>]+)(?::(\\d+)(?::(\\d+))?)?`
  ).exec(text)
  if (match === null) return undefined
  const [, file = '', line, column] = match
  const at =
    line === undefined ? '' : `:${line}${column === undefined ? '' : `:${Number(column) + 1}`}`
  return `${templateName(file, tree, chart)}${at}`
}

function remedyOf(text: string, { settings }: Chart): string | undefined {
  const key = builtInsKey(settings)
  if (key !== undefined && isRefusedMember(text, key)) {
    return `The chart's schema refuses the values of mlgitops: set helm.builtIns to another key, or to none, in mlgitops.yaml.`
  }
  if (text.includes('missing in charts/ directory')) {
    return 'Run helm dependency update, and commit charts/: a render downloads nothing.'
  }
  if (text.includes('is incompatible with Kubernetes')) {
    return 'Set helm.kubeVersion in mlgitops.yaml to the version of the cluster.'
  }
  return undefined
}

/** The wording of helm up to 3.17, and of later versions. */
function isRefusedMember(text: string, key: string): boolean {
  const name = escaped(key)
  return new RegExp(
    `additional propert(?:y|ies) .*(?:'${name}'|${name}\\b).*not allowed|additional property ${name} is not allowed`,
    'i'
  ).test(text)
}

function escaped(text: string): string {
  return text.replace(/[^\w-]/g, '\\$&')
}
