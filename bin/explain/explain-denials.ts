import path from 'node:path'
import { generateKeyPair, readSigningKey, readTrustedKey } from '../../evidence/attestation/key.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import type { ExplainedModel } from '../../plugin/explain-model.ts'
import { defaultLimitMs, EvaluatorPool } from '../../webhook/cel/evaluator-pool.ts'
import { checkManifests } from '../../webhook/check/check-manifests.ts'
import { actionOf, describeFinding } from '../../webhook/decision.ts'
import { readTrustedKeys } from '../../webhook/keys/read-trusted-keys.ts'
import { readPolicyFolder } from '../../webhook/policy/folder.ts'
import type { Denial } from './explanation.ts'

/** The key that signs an explained render, and those that it is judged by. */
export interface ExplainKeys {
  readonly signing: Key
  readonly trusted: readonly Key[]
}

/**
 * With a key of the caller, the trusted keys are those of `--keys`; without `--keys`, or without a key, a
 * key of this process signs and is trusted, so that only the contents are judged.
 *
 * @throws {Fault} `KEY_*`, `FILE_UNREADABLE`
 */
export function explainKeys(
  key: Key | undefined,
  keys: readonly string[],
  folder: string
): ExplainKeys {
  const trusted = readTrustedKeys(keys, folder)
  if (key !== undefined && keys.length > 0) return { signing: key, trusted }
  const pair = generateKeyPair()
  return {
    signing: readSigningKey(pair.privatePem, 'the key of this process'),
    trusted: [...trusted, readTrustedKey(pair.publicPem, 'the key of this process')]
  }
}

/** The policies of a folder, and who may accept exceptions from them. */
export interface ExplainPolicies {
  readonly policies: string
  readonly 'exception-namespace': readonly string[]
}

/** Judges the objects of a render as `mlgitops check` does, in whatever namespace they will be. @throws {Fault} for invalid policies */
export async function explainDenials(
  { objects }: ExplainedModel,
  given: ExplainPolicies,
  context: { readonly folder: string; readonly trustedKeys: readonly Key[]; readonly now: Date }
): Promise<readonly Denial[]> {
  const { folder, ...known } = context
  const { policies: name, 'exception-namespace': exceptions } = given
  const policies = readPolicyFolder(path.resolve(folder, name), name, exceptions)
  const pool = new EvaluatorPool({ size: 1, limitMs: defaultLimitMs })
  try {
    const manifests = objects.map(({ object }) => ({ object, file: '', line: 0 }))
    const checked = await checkManifests(manifests, policies, {
      ...known,
      evaluator: pool,
      isUnplaced: true
    })
    return checked.flatMap(({ decision }, index) =>
      decision.violations
        .filter(violation => actionOf(violation) === 'Deny')
        .map(violation => ({
          policy: violation.policy,
          rule: violation.rule,
          object: objects[index]?.name ?? '',
          reason: describeFinding(violation)
        }))
    )
  } finally {
    pool.close()
  }
}
