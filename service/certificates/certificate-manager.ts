import { Fault } from '../../common/fault.ts'
import type { TlsPair } from '../http/tls.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import { bundleOf, readAuthorityState, writeAuthorityState } from './authority-state.ts'
import type { AuthorityState } from './authority-state.ts'
import { readAuthority } from './authority.ts'
import type { Authority } from './authority.ts'
import { issueAuthority, issueLeaf } from './issue.ts'
import { isLeafDue, rotationStep } from './rotation.ts'
import type { RotationSettings, RotationStep, ServedLeaf } from './rotation.ts'
import { refusedNow } from './served-certificates.ts'
import type { CertificateEnd, ServedCertificates } from './served-certificates.ts'
import type { BundleStore, CaStore } from './stores.ts'

/** The stores, settings and clock of a manager. */
export interface CertificateManagerOptions {
  readonly secrets: CaStore
  /** Undefined if clients get the bundle in another way. */
  readonly bundles?: BundleStore
  readonly settings: RotationSettings
  /** Names of the leaf, such as `mlgitops.mlgitops-system.svc`; the first one is its subject. */
  readonly names: readonly string[]
  /** Called with each new leaf: the server's `setSecureContext`. */
  readonly onLeaf: (pair: TlsPair) => void
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Waits between attempts when replicas race. */
  readonly sleep: (ms: number) => Promise<unknown>
  /** In [0, 1). */
  readonly random: () => number
}

/** A rotation step takes at most four rounds; the others are for races. */
const maxRounds = 20

/**
 * Issues the leaf of this replica, which the CA of all replicas signs, publishes the bundle that clients
 * trust, and rotates the CA. Call {@link tick} at start and then twice a minute.
 */
export class CertificateManager implements ServedCertificates {
  readonly #options: CertificateManagerOptions
  #leaf: ServedLeaf | undefined
  #signer: Authority | undefined
  #isPublished = false
  #failure: string | undefined

  constructor(options: CertificateManagerOptions) {
    this.#options = options
  }

  notReadyReason(): string | undefined {
    const { now } = this.#options
    if (this.#leaf === undefined) return this.#failure ?? 'no certificate yet'
    const reason = refusedNow(this.#leaf, now())
    if (reason !== undefined) return [reason, this.#failure].filter(Boolean).join('; ')
    if (!this.#isPublished) return this.#failure ?? 'the bundle is not published yet'
    return undefined
  }

  ends(): readonly CertificateEnd[] {
    return [
      ...(this.#signer ? [{ kind: 'ca' as const, notAfterMs: this.#signer.notAfterMs }] : []),
      ...(this.#leaf ? [{ kind: 'leaf' as const, notAfterMs: this.#leaf.notAfterMs }] : [])
    ]
  }

  isCurrent(): boolean {
    return this.#leaf !== undefined && this.#failure === undefined
  }

  /**
   * Does everything that is due: reads what other replicas wrote, takes the next step of a rotation, renews
   * the leaf, publishes the bundle. A failure is logged and becomes the readiness reason; the leaf in use
   * stays. It never rejects. Call it again only after it has resolved.
   *
   * @returns true if nothing failed
   */
  async tick(): Promise<boolean> {
    try {
      await this.#settle()
      this.#failure = undefined
      return true
    } catch (error) {
      this.#failure = describe(error)
      this.#options.logger.warn('cannot renew certificates', errorFields(error))
      return false
    }
  }

  async #settle(): Promise<void> {
    const { secrets, bundles, sleep, random } = this.#options
    for (let round = 0; round < maxRounds; round += 1) {
      // The bundle is read before the Secret: writing it fails if another replica, which read a newer
      // Secret, has written it in between.
      const published = await bundles?.read()
      const secret = await secrets.read()
      const state = readAuthorityState(secret.data)
      const step = this.#stepFor(state, published?.bundlePem)
      const next = await this.#take(step, state)
      if (next !== undefined) {
        const isWritten = await secrets.write(writeAuthorityState(next), secret.version)
        if (isWritten) this.#log(step)
        else await sleep(random() * 200)
        continue
      }
      if (state === undefined) continue
      await this.#renewLeaf(state.current)
      const bundle = bundleOf(state)
      this.#isPublished = published === undefined || published.bundlePem === bundle
      if (this.#isPublished) return
      if (!(await bundles?.write(bundle, published?.version))) await sleep(random() * 200)
    }
    throw new Fault('CA_CONTENDED', 'other writers keep changing the Secret or the bundle', {
      remedy: 'find out what else writes the Secret or the caBundle'
    })
  }

  #stepFor(state: AuthorityState | undefined, publishedBundle: string | undefined): RotationStep {
    const { settings, now } = this.#options
    return rotationStep({ state, publishedBundle, nowMs: now() }, settings)
  }

  /** Returns the state after a step; undefined if nothing changes. */
  async #take(
    step: RotationStep,
    state: AuthorityState | undefined
  ): Promise<AuthorityState | undefined> {
    switch (step.kind) {
      case 'none':
        return undefined
      case 'write':
        return step.state
      case 'create':
        return { current: await this.#newAuthority() }
      case 'add-next':
        return state && { ...state, next: { authority: await this.#newAuthority() } }
    }
  }

  async #newAuthority(): Promise<Authority> {
    const { settings, now, names } = this.#options
    const nowMs = now()
    const pair = await issueAuthority(`mlgitops CA of ${names[0] ?? 'unknown'}`.slice(0, 64), {
      notBeforeMs: nowMs - settings.skewMs,
      notAfterMs: nowMs + settings.authorityLifetimeMs
    })
    return readAuthority(pair.certificatePem, pair.keyPem, 'the new CA')
  }

  async #renewLeaf(signer: Authority): Promise<void> {
    const { settings, now, names, onLeaf, logger } = this.#options
    const nowMs = now()
    this.#signer = signer
    if (!isLeafDue(this.#leaf, signer, nowMs)) return
    const validity = {
      // The leaf of a replica whose clock is behind must not start before its CA.
      notBeforeMs: Math.max(nowMs - settings.skewMs, signer.notBeforeMs),
      notAfterMs: Math.min(
        Math.max(nowMs, signer.notBeforeMs) + settings.leafLifetimeMs,
        signer.notAfterMs
      )
    }
    onLeaf(await issueLeaf(signer, names, validity))
    this.#leaf = { signer: signer.fingerprint, ...validity }
    logger.info('serving a new certificate', {
      notAfter: new Date(validity.notAfterMs).toISOString(),
      authority: signer.fingerprint
    })
  }

  #log(step: RotationStep): void {
    const { logger } = this.#options
    if (step.kind === 'create') logger.warn('created a CA')
    else if (step.kind === 'add-next')
      logger.info('created the next CA; waiting until clients trust it')
    else logger.info('took a step of the CA rotation')
  }
}

function describe(error: unknown): string {
  const { code, reason, error: name } = errorFields(error)
  return reason === undefined
    ? `cannot renew certificates (${code ?? name ?? 'unknown'})`
    : `${reason} [${code}]`
}
