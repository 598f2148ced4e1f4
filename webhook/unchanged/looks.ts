/** Members from the object downwards; the empty path is the whole object. */
export type MemberPath = readonly string[]

/** What a rule looks at in an object, besides what it runs. */
export interface LooksAt {
  readonly paths: readonly MemberPath[]
  /** Our annotations: the attestation, and the commits that it must match. */
  readonly attestation: boolean
  /** Something that an object does not hold, such as the user: the rule is always judged. */
  readonly request: boolean
}
