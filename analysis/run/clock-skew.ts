/** A sender whose events are older than they can be if clocks agree. */
export interface ClockSkew {
  /** The `source` of its CloudEvents. */
  readonly source: string
  readonly behindMs: number
}

/** Says whose clock is behind, and by how much. */
export function skewText({ source, behindMs }: ClockSkew): string {
  const name = JSON.stringify(source.slice(0, 100))
  return `events of the source ${name} are from before the run, ${Math.round(behindMs / 1_000)} s behind our clock: check its clock`
}
