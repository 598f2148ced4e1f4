/** The commits of the corpora that are repositories. */
export const commits = {
  'gatekeeper-library': '5c441fb645f257b2c428fe9aea22da24a94b5bab',
  'kyverno-policies': 'b9c4317ce02256dc66118e08bb3e9345e7bfce5c'
} as const

/** Also in pod-security/go.mod. */
export const podSecurityVersion = 'v0.37.2'

/** The version of gatekeeper's module. */
export const gatorVersion = 'v3.23.1'
