/** The options of a signer, for every command that signs. */
export const signerOptions = {
  signer: {
    argument: 'COMMAND',
    variable: 'MLGITOPS_SIGNER',
    unit: 'command',
    description:
      'sign with this program and its arguments, run without a shell: it reads the bytes to sign on stdin and prints the signature in base64 (docs/keys.md)'
  },
  'signer-key': {
    argument: 'FILE',
    variable: 'MLGITOPS_SIGNER_KEY_FILE',
    unit: 'file',
    description: 'the public key of --signer; every signature is verified with it'
  }
} as const

/** Of every command that signs with a key file. */
export const keyOption = {
  key: {
    argument: 'FILE',
    variable: 'MLGITOPS_SIGNING_KEY_FILE',
    unit: 'file',
    description: 'sign with this key (mlgitops keygen)'
  }
} as const

/** Of every command that signs, whatever it signs with. */
export const requireSignatureOption = {
  'require-signature': {
    unit: 'switch',
    description: 'fail, with no output, if an object that has to be attested is not'
  }
} as const

/** The options of a command that signs with a key file or a signer. */
export const signingOptions = {
  ...keyOption,
  ...signerOptions,
  ...requireSignatureOption
} as const
