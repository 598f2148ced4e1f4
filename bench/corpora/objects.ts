import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import type { Corpus } from './sources.ts'

/** An object of a corpus, under a name of its own, so that a verdict says which one it is about. */
export interface CorpusObject {
  readonly name: string
  readonly kind: string
  readonly object: JsonObject
  /** Its file in the corpus. */
  readonly file: string
}

/** Kinds whose pods the policies of all peers judge. */
const podTemplates: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec']
}

/** The objects of the corpora that run containers, and namespaces. Equal ones are taken once. */
export function readObjects(corpora: readonly Corpus[]): readonly CorpusObject[] {
  const byContent = new Map<string, CorpusObject>()
  for (const { name: corpus, folder, objects } of corpora) {
    for (const file of globSync([...objects], { cwd: folder }).sort()) {
      for (const value of documentsOf(path.join(folder, file))) {
        if (!isJudged(value)) continue
        const kind = stringMember(value, 'kind') ?? ''
        const name = `o-${String(byContent.size).padStart(5, '0')}`
        const object = named(value, name)
        const content = JSON.stringify(named(value, ''))
        if (byContent.has(content)) continue
        byContent.set(content, { name, kind, object, file: `${corpus}/${file}` })
      }
    }
  }
  return [...byContent.values()]
}

/** Some files of the corpora are templates, which no YAML reader accepts. */
function documentsOf(file: string): readonly JsonValue[] {
  try {
    return readYaml(readFileSync(file, 'utf8'), { file }).map(({ value }) => value)
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}

function isJudged(value: JsonValue): value is JsonObject {
  if (!isJsonObject(value)) return false
  const kind = stringMember(value, 'kind') ?? ''
  if (kind === 'Namespace') return true
  const [first, ...rest] = podTemplates[kind] ?? []
  if (first === undefined || !hasOwnVersion(value, kind)) return false
  const spec = rest.reduce<JsonValue | undefined>(member, member(value, first))
  return isJsonArray(member(spec, 'containers'))
}

/** Serving.knative.dev has a kind Job of its own, and so have others. */
function hasOwnVersion(value: JsonObject, kind: string): boolean {
  const expected = kind === 'Pod' ? 'v1' : kind.endsWith('Job') ? 'batch/v1' : 'apps/v1'
  return stringMember(value, 'apiVersion') === expected
}

function named(
  { apiVersion = null, kind = null, metadata, spec = null }: JsonObject,
  name: string
) {
  const kept = ['labels', 'annotations'].flatMap(key => {
    const map = member(metadata, key)
    return isJsonObject(map) ? [[key, map] as const] : []
  })
  const namespace = kind === 'Namespace' ? {} : { namespace: 'default' }
  return { apiVersion, kind, metadata: { name, ...namespace, ...Object.fromEntries(kept) }, spec }
}
