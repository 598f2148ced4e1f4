import type { CommitPin } from './attestation/statement.ts'

/** What a name such as an image tag can stand for. */
export interface ModelNames {
  /** The rendered commit. */
  readonly commit?: string | undefined
  readonly modelCommit?: string | undefined
  /** `sha256:` and 64 hexadecimal digits. */
  readonly modelDigest?: string | undefined
  /** What Git's history says about names that look like commits. */
  readonly pins: readonly CommitPin[]
}

/** What a name stands for. An ancestor is a commit of the history with the same sources of the model. */
export type PinnedBy = 'gitCommit' | 'modelCommit' | 'modelDigest' | 'ancestor'

const minimumShortCommit = 7
const shortDigest = 12

/**
 * Says which content of the model an image tag, or a segment of a model URI, names: the whole name must
 * be a commit, its first 7 or more digits, or 12 or 64 digits of the digest, in lower case. A name of
 * several of them is the first of git commit, model commit and model digest.
 */
export function pinnedBy(name: string, names: ModelNames): PinnedBy | undefined {
  const { commit, modelCommit, modelDigest, pins } = names
  if (isNameOfCommit(name, commit, pins)) return 'gitCommit'
  if (isNameOfCommit(name, modelCommit, pins)) return 'modelCommit'
  if (isNameOfDigest(name, modelDigest)) return 'modelDigest'
  const pin = pins.find(({ tag }) => tag === name)
  return pin?.isAncestor === true && pin.sameSources ? 'ancestor' : undefined
}

/** True for a whole commit or its start. A start that history says names another commit, or several, is not one. */
export function isNameOfCommit(
  name: string,
  commit: string | undefined,
  pins: readonly CommitPin[]
): boolean {
  if (commit === undefined) return false
  if (name === commit) return true
  if (name.length < minimumShortCommit || !commit.startsWith(name)) return false
  const pin = pins.find(({ tag }) => tag === name)
  return pin === undefined || pin.commit === commit
}

/** True for all 64 hexadecimal digits of a digest, or the first 12. */
export function isNameOfDigest(name: string, digest: string | undefined): boolean {
  const digits = digest?.replace('sha256:', '')
  return digits !== undefined && (name === digits || name === digits.slice(0, shortDigest))
}

/** True for text that can name a commit: 7 to 64 hexadecimal digits in lower case. */
export function looksLikeCommit(text: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(text)
}
