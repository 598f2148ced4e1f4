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
import { packedMetadata } from './packed-chart.ts'

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
  checkVersions(chartsIn(tree, chart), locked, at => tree.nameOf(at), file)
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

interface FoundChart {
  readonly name: string
  readonly version: string
  /** The tree path of its folder or archive. */
  readonly at: string
}

/** The charts in charts/, as Helm loads them. */
function chartsIn(tree: RepositoryTree, { folder }: Chart): readonly FoundChart[] {
  const charts = path.posix.join(folder, 'charts')
  if (tree.kindOf(charts) !== 'folder') return []
  return tree.list(charts).flatMap(entry => {
    const at = path.posix.join(charts, entry.name)
    const metadata = /^[._]/.test(entry.name) ? undefined : metadataOf(tree, at, entry.kind)
    if (metadata === undefined) return []
    const [name = '', version = ''] = ['name', 'version'].map(key => stringMember(metadata, key))
    return [{ name, version, at }]
  })
}

function metadataOf(
  tree: RepositoryTree,
  at: string,
  kind: 'file' | 'folder'
): JsonObject | undefined {
  if (kind === 'file') {
    return at.endsWith('.tgz') ? packedMetadata(tree.readBytes(at), tree.nameOf(at)) : undefined
  }
  const file = path.posix.join(at, 'Chart.yaml')
  return tree.kindOf(file) === 'file' ? readMapping(tree, file) : undefined
}

function checkVersions(
  found: readonly FoundChart[],
  locked: readonly JsonObject[],
  nameOf: (at: string) => string,
  lockFile: string
): void {
  const isSame = (dependency: JsonObject, { name, version }: FoundChart) =>
    dependency.name === name && dependency.version === version
  for (const dependency of locked) {
    if (found.some(chart => isSame(dependency, chart))) continue
    const [name = '', version = ''] = ['name', 'version'].map(key => stringMember(dependency, key))
    const others = found.filter(chart => chart.name === name).map(chart => chart.version)
    throw new Fault('CHART_LOCK', `charts/ does not contain ${name} ${version}`, {
      where: nameOf(lockFile),
      found:
        others.length === 0 ? `neither ${name}-${version}.tgz nor its folder` : others.join(', '),
      remedy
    })
  }
  const other = found.find(
    chart =>
      locked.some(dependency => dependency.name === chart.name) &&
      !locked.some(dependency => isSame(dependency, chart))
  )
  if (other === undefined) return
  throw new Fault('CHART_LOCK', 'charts/ contains a version that the lock file does not name', {
    where: nameOf(other.at),
    found: `${other.name} ${other.version}`,
    remedy
  })
}
