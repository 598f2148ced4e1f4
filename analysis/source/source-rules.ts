import type { AddressRules } from './addresses.ts'
import type { FileRules } from './named-file.ts'
import type { AddressToken } from './tokens.ts'

/** What the operator of the service allows sources to reach, and their credentials. */
export interface SourceRules extends AddressRules {
  /** The Prometheus of objectives that name none; undefined: each must name one. */
  readonly prometheus: string | undefined
  readonly tokens: readonly AddressToken[]
  readonly files: FileRules
}

/** Rules that allow no address and no file. */
export const noSources: SourceRules = {
  allowed: [],
  isLocal: false,
  prometheus: undefined,
  tokens: [],
  files: { folder: undefined, isLocal: false }
}
