import type { Test } from 'tap'
import type { SecretData } from '../../service/certificates/authority-state.ts'
import { CertificateManager } from '../../service/certificates/certificate-manager.ts'
import type { CertificateManagerOptions } from '../../service/certificates/certificate-manager.ts'
import type { RotationSettings } from '../../service/certificates/rotation.ts'
import type { BundleStore, CaStore } from '../../service/certificates/stores.ts'
import type { TlsPair } from '../../service/http/tls.ts'
import { createLogger } from '../../service/log.ts'

export const minuteMs = 60_000
export const dayMs = 24 * 60 * minuteMs

/** Ten days for CAs, three of overlap, a day for leaves. */
export const settings: RotationSettings = {
  authorityLifetimeMs: 10 * dayMs,
  renewBeforeMs: 3 * dayMs,
  settleMs: 5 * minuteMs,
  leafLifetimeMs: dayMs,
  skewMs: 60 * minuteMs
}

/** An object of an API server: a write must know its newest version. */
class Versioned<Value> {
  value: Value
  #version = 0
  writes = 0
  /** Called before each read and each write; may throw as a request does. */
  before: (verb: 'read' | 'write') => void = () => undefined

  constructor(value: Value) {
    this.value = value
  }

  /** A write of another client. */
  set(value: Value): void {
    this.value = value
    this.#version += 1
  }

  async get(): Promise<{ readonly value: Value; readonly version: string }> {
    await Promise.resolve()
    this.before('read')
    return { value: this.value, version: String(this.#version) }
  }

  async put(value: Value, version: string | undefined): Promise<boolean> {
    await Promise.resolve()
    this.before('write')
    if (version !== String(this.#version)) return false
    this.set(value)
    this.writes += 1
    return true
  }
}

/** A Secret, a caBundle and a clock that the replicas of a service share. */
export class Cluster {
  readonly secret = new Versioned<SecretData>({})
  readonly bundle = new Versioned('')
  readonly lines: string[] = []
  /** Times at which managers slept between attempts, in milliseconds. */
  readonly slept: number[] = []
  nowMs = Date.parse('2026-11-24T12:00:00Z')

  readonly secrets: CaStore = {
    read: async () => {
      const { value, version } = await this.secret.get()
      return { data: value, version }
    },
    write: (data, version) => this.secret.put(data, version)
  }

  readonly bundles: BundleStore = {
    read: async () => {
      const { value, version } = await this.bundle.get()
      return { bundlePem: value, version }
    },
    write: (pem, version) => this.bundle.put(pem, version)
  }

  /** Starts a replica and lists its leaves. */
  replica(more: Partial<CertificateManagerOptions> = {}) {
    const leaves: TlsPair[] = []
    const manager = new CertificateManager({
      secrets: this.secrets,
      bundles: this.bundles,
      settings,
      names: ['mlgitops.system.svc', '127.0.0.1'],
      onLeaf: pair => leaves.push(pair),
      logger: createLogger({
        level: 'info',
        write: line => this.lines.push(line),
        now: () => this.nowMs
      }),
      now: () => this.nowMs,
      sleep: async ms => {
        this.slept.push(ms)
        await Promise.resolve()
      },
      random: () => 0.5,
      ...more
    })
    return { manager, leaves }
  }

  /** The messages and reasons logged since the last call. */
  said(): string[] {
    return this.lines.splice(0).map(line => {
      const { level, message, code } = JSON.parse(line) as Record<string, string | undefined>
      return [level, message, code].filter(Boolean).join(' ')
    })
  }
}

/** Ticks a replica, which must succeed. */
export async function tick(t: Test, { manager }: ReturnType<Cluster['replica']>): Promise<void> {
  t.equal(await manager.tick(), true)
  t.equal(manager.notReadyReason(), undefined)
}
