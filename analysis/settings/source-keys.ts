import { baselineKeys } from './baseline-keys.ts'
import type { SettingKey } from './setting-key.ts'
import { prometheusKeys } from './prometheus-keys.ts'
import { replayKeys } from './replay-keys.ts'

/** The keys of the sources and of the baseline. */
export const sourceKeys: readonly SettingKey[] = [...prometheusKeys, ...replayKeys, ...baselineKeys]
