import { createHash } from 'node:crypto'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import {
  isJsonArray,
  isJsonObject,
  member,
  stringifyJson,
  stringMember
} from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import type { Chart } from './chart.ts'

const remedy = 'Run helm dependency update, and commit the lock file and charts/.'

/**
 * Refuses a chart whose lock file does not match its dependencies, or whose charts/ has another version
 * than the lock file. Helm checks neither when it renders.
 * Source: helm v3 internal/resolver/resolver.go, HashReq and HashV2Req.
 *
 * @throws {Fault} `CHART_LOCK`, `YAML_*`, `FILE_*`
 */
export function checkLock(tree: RepositoryTree, chart: Chart): void {
  const isVersion1 = stringMember(chart.metadata, 'apiVersion') === 'v1'
  const file = path.posix.join(chart.folder, isVersion1 ? 'requirements.lock' : 'Chart.lock')
  if (tree.kindOf(file) !== 'file') return
  const wanted = dependenciesOf(isVersion1 ? requirements(tree, chart) : chart.metadata)
  const lock = readMapping(tree, file)
  const locked = dependenciesOf(lock)
  const digests = [digestOf([wanted, locked]), digestOf({ dependencies: wanted })]
  if (!digests.includes(stringMember(lock, 'digest') ?? '')) {
    throw new Fault('CHART_LOCK', 'the lock file does not match the dependencies of the chart', {
      where: tree.nameOf(file),
      remedy
    })
  }
  for (const dependency of locked) checkVersion(tree, chart, dependency, file)
}

function requirements(tree: RepositoryTree, { folder }: Chart): JsonObject {
  const file = path.posix.join(folder, 'requirements.yaml')
  return tree.kindOf(file) === 'file' ? readMapping(tree, file) : {}
}

function readMapping(tree: RepositoryTree, file: string): JsonObject {
  const [document] = readYaml(tree.read(file), { file: tree.nameOf(file), literalKeys: true })
  return isJsonObject(document?.value) ? document.value : {}
}

/** The members of a dependency as Go's encoding/json writes them: in this order, without empty ones. */
function dependenciesOf(value: JsonObject): readonly JsonObject[] {
  const list = member(value, 'dependencies')
  if (!isJsonArray(list)) return []
  return list.filter(isJsonObject).map(dependency => {
    const given = (key: string) => {
      const found = member(dependency, key)
      const isEmpty =
        found === undefined ||
        found === null ||
        found === '' ||
        found === false ||
        (isJsonArray(found) && found.length === 0)
      return isEmpty ? {} : { [key]: found }
    }
    return {
      name: stringMember(dependency, 'name') ?? '',
      ...given('version'),
      repository: stringMember(dependency, 'repository') ?? '',
      ...given('condition'),
      ...given('tags'),
      ...given('enabled'),
      ...importValues(member(dependency, 'import-values')),
      ...given('alias')
    }
  })
}

/** Entries that are mappings become Go maps, whose keys are sorted. */
function importValues(list: JsonValue | undefined): JsonObject {
  if (!isJsonArray(list) || list.length === 0) return {}
  const sorted = list.map(entry =>
    isJsonObject(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry
  )
  return { 'import-values': sorted }
}

function digestOf(value: JsonValue): string {
  const escaped: Readonly<Record<string, string>> = {
    '<': '\\u003c',
    '>': '\\u003e',
    '&': '\\u0026',
    '\u2028': '\\u2028',
    '\u2029': '\\u2029'
  }
  const text = stringifyJson(value).replace(/[<>&\u2028\u2029]/g, found => escaped[found] ?? found)
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

function checkVersion(
  tree: RepositoryTree,
  { folder }: Chart,
  dependency: JsonObject,
  lockFile: string
): void {
  const name = stringMember(dependency, 'name') ?? ''
  const version = stringMember(dependency, 'version') ?? ''
  const charts = path.posix.join(folder, 'charts')
  const entries = tree.kindOf(charts) === 'folder' ? tree.list(charts) : []
  const found = entries.flatMap(entry => {
    if (entry.kind === 'file') return entry.name === `${name}-${version}.tgz` ? [version] : []
    const file = path.posix.join(charts, entry.name, 'Chart.yaml')
    if (tree.kindOf(file) !== 'file') return []
    const metadata = readMapping(tree, file)
    return stringMember(metadata, 'name') === name ? [stringMember(metadata, 'version') ?? ''] : []
  })
  if (found.includes(version)) return
  throw new Fault('CHART_LOCK', `charts/ does not contain ${name} ${version}`, {
    where: tree.nameOf(lockFile),
    found: found.length === 0 ? `neither ${name}-${version}.tgz nor its folder` : found.join(', '),
    remedy
  })
}
