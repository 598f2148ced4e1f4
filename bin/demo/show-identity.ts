import {
  isJsonArray,
  isJsonObject,
  member,
  stringifyJson,
  stringMember
} from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { annotations } from '../../evidence/annotations.ts'
import { run } from '../run.ts'
import { models } from './repository.ts'
import { renderAll, review } from './show-admission.ts'
import type { AdmissionStage } from './show-admission.ts'

const [churn, sentiment] = models

/**
 * Commits what makes another model and what does not: a change of the training code and its revert, an image
 * that CI built of an earlier commit, a log level and a Canary.
 */
export async function showIdentity(stage: AdmissionStage): Promise<void> {
  await showRevert(stage)
  await showBuiltImage(stage)
}

async function showRevert(stage: AdmissionStage): Promise<void> {
  const { repository, say } = stage
  say('\nA change of src/train.py, and its revert\n')
  const audited = repository.head()
  const before = await showModel(stage, churn, 'audited')
  repository.edit('src/train.py', text =>
    text.replace('random_state=', 'max_depth=4,\n        random_state=')
  )
  repository.commit('Deeper trees')
  await showModel(stage, churn, 'another model, which needs an audit')
  repository.revert()
  const after = await showModel(stage, churn, 'after git revert, its names and its audit again')
  const isSame = contentOf(after, repository.head()) === contentOf(before, audited)
  say(
    isSame
      ? '  Its manifests differ in the commit only. The Job has its old name, so nothing is trained again.\n'
      : '  Its manifests differ.\n'
  )
}

async function showBuiltImage(stage: AdmissionStage): Promise<void> {
  const { repository, say } = stage
  const built = repository.head()
  say(`\nCI builds and tags an image of ${built.slice(0, 7)}, and commits the tag\n`)
  repository.edit(`${sentiment}/values.yaml`, text =>
    text.replace('image: ""', `image: registry.example.com/ml/sentiment:${built}`)
  )
  repository.commit('Deploy what CI built')
  await showModel(stage, sentiment, `its image is pinned by an ${await pinOf(stage)}`)
  repository.edit('configs/production.yaml', text => text.replace('info', 'debug'))
  repository.edit(`${sentiment}/canary.yaml`, text => text.replace('interval: 1m', 'interval: 2m'))
  repository.commit('Another log level, a slower canary')
  await showModel(stage, churn, 'the same model with another log level')
  await showModel(stage, sentiment, 'the same model with another Canary')
}

/** Shows the names of a model at HEAD, and which of its objects are admitted. */
async function showModel(
  stage: AdmissionStage,
  application: string,
  what: string
): Promise<readonly JsonObject[]> {
  const { repository, say } = stage
  const objects = await renderAll(stage, application)
  const mark = (name: string) =>
    stringMember(member(member(objects[0], 'metadata'), 'annotations'), name) ?? 'unknown'
  const [commit, digest] = [mark(annotations.modelCommit), mark(annotations.modelDigest)]
  say(`  ${repository.head().slice(0, 7)} ${application}: ${what}\n`)
  say(`      model commit ${commit.slice(0, 7)}, digest ${digest.slice('sha256:'.length, 19)}\n`)
  const admitted: string[] = []
  for (const object of objects) {
    const name = `${stringMember(object, 'kind') ?? ''} ${stringMember(object.metadata, 'name') ?? ''}`
    const { allowed, status } = await review(stage, object)
    if (allowed) admitted.push(name)
    else say(`      refused ${name}: ${problemOf(status?.message ?? '')}\n`)
  }
  if (admitted.length > 0) say(`      admitted ${admitted.join(', ')}\n`)
  return objects
}

/** The first violation in the message of a denial, without its policy. */
function problemOf(message: string): string {
  return message.split('\n')[1]?.replace(/^.*?\): /, '') ?? message
}

/** By what the image of the sentiment model is pinned, as `mlgitops explain` says. */
async function pinOf({ repository }: AdmissionStage): Promise<string> {
  const args = ['explain', sentiment, '--environment', 'production', '--output', 'json']
  const { stdout, stderr } = await run({ args, env: {}, folder: repository.folder })
  if (stdout === '') throw new Error(stderr)
  const runs = member(JSON.parse(stdout) as JsonObject, 'runs')
  const pinnedBy = isJsonArray(runs) ? stringMember(runs[0], 'pinnedBy') : undefined
  if (pinnedBy === undefined) throw new Error('the image of the sentiment model is not pinned')
  return pinnedBy
}

/** The objects as text, without the commit and without the attestation, which is of the commit. */
function contentOf(objects: readonly JsonObject[], commit: string): string {
  const parts = objects.map(object => {
    const marks = member(object.metadata, 'annotations')
    const kept = Object.entries(isJsonObject(marks) ? marks : {}).filter(
      ([name]) => name !== annotations.attestation
    )
    const metadata = { ...(object.metadata as JsonObject), annotations: Object.fromEntries(kept) }
    return stringifyJson({ ...object, metadata })
  })
  return parts.join('\n').replaceAll(commit, 'COMMIT')
}
