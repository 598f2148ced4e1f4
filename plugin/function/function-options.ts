import { signingOptions } from '../signer/signing-options.ts'

/** The options of `mlgitops fn`. */
export const functionOptions = signingOptions
