import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Key } from '../../evidence/attestation/key.ts'
import type { TrustedKeys } from './live-keys.ts'

/**
 * `mlgitops_trusted_keys_current`: 0 while a change is refused and the last good keys stay trusted.
 * `mlgitops_trusted_key_not_after_seconds{key_id}`: when a key expires or expired; a key without an
 * expiry has no series.
 */
export function observeKeys(
  registry: Registry,
  trusted: Pick<TrustedKeys, 'keys' | 'isCurrent'>
): void {
  const registers = [registry]
  new Gauge({
    name: 'mlgitops_trusted_keys_current',
    help: '1 while the trusted keys match their files, 0 while a change to them is refused.',
    registers,
    collect() {
      this.set(trusted.isCurrent() ? 1 : 0)
    }
  })
  new Gauge({
    name: 'mlgitops_trusted_key_not_after_seconds',
    help: 'When a trusted key expires or expired, in seconds since 1970.',
    labelNames: ['key_id'],
    registers,
    collect() {
      this.reset()
      for (const [id, endMs] of endsOf(trusted.keys())) this.set({ key_id: id }, endMs / 1_000)
    }
  })
}

/** A key in two files is trusted until the later expiry. */
function endsOf(keys: readonly Key[]): readonly (readonly [string, number])[] {
  const ends = new Map<string, number>()
  for (const { id, notAfter } of keys) {
    ends.set(id, Math.max(ends.get(id) ?? -Infinity, notAfter?.getTime() ?? Infinity))
  }
  return [...ends].filter(([, endMs]) => endMs < Infinity)
}
