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

/** What a manager works with. */
export interface CertificateManagerOptions {
  readonly secrets: CaStore
  /** Undefined where clients get the bundle in another way. */
  readonly bundles?: BundleStore
  readonly settings: RotationSettings
  /** Names of the leaf, such as `mlgitops.mlgitops-system.svc`; the first is its subject. */
  readonly names: readonly string[]
  /** Takes each new leaf: the server's `setSecureContext`. */
  readonly onLeaf: (pair: TlsPair) => void
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Waits; between attempts when replicas race. */
  readonly sleep: (ms: number) => Promise<unknown>
  /** In [0, 1). */
  readonly random: () => number
}

/** A step of a rotation takes at most four rounds; the rest is for races. */
const maxRounds = 20

/**
 * Keeps a leaf of this replica, signed by the authority that all replicas share, and the bundle that
 * clients trust, through every rotation. Call {@link tick} at start and then twice a minute.
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
   * Does all that is due now: takes over what other replicas did, takes the next step of a rotation,
   * renews the leaf, publishes the bundle. What fails is logged and kept as the reason; the leaf in use
   * stays. It never rejects. One call at a time.
   *
   * @returns true when nothing failed
   */
  async tick(): Promise<boolean> {
    try {
      await this.#settle()
      this.#failure = undefined
      return true
    } catch (error) {
      this.#failure = describe(error)
      this.#options.logger.warn('the certificates could not be kept up', errorFields(error))
      return false
    }
  }

  async #settle(): Promise<void> {
    const { secrets, bundles, sleep, random } = this.#options
    for (let round = 0; round < maxRounds; round += 1) {
      // The bundle is read first: were it written over by what a stale Secret says, its version would
      // have changed between.
      const published = await bundles?.read()
      const secret = await secrets.read()
      const state = readAuthorityState(secret.data)
      const step = this.#stepFor(state, published?.bundlePem)
      const next = await this.#take(step, state)
      if (next !== undefined) {
        const isWritten = await secrets.write(writeAuthorityState(next), secret.version)
        if (isWritten) this.#tell(step)
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
    throw new Fault(
      'CA_CONTENDED',
      'other writers change the authorities or the bundle all the time',
      {
        remedy: 'look who else writes the Secret or the caBundle'
      }
    )
  }

  #stepFor(state: AuthorityState | undefined, publishedBundle: string | undefined): RotationStep {
    const { settings, now } = this.#options
    return rotationStep({ state, publishedBundle, nowMs: now() }, settings)
  }

  /** The state after a step, undefined where nothing changes. */
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
    const pair = await issueAuthority(`mlgitops CA of ${names[0] ?? 'nobody'}`.slice(0, 64), {
      notBeforeMs: nowMs - settings.skewMs,
      notAfterMs: nowMs + settings.authorityLifetimeMs
    })
    return readAuthority(pair.certificatePem, pair.keyPem, 'a new authority')
  }

  async #renewLeaf(signer: Authority): Promise<void> {
    const { settings, now, names, onLeaf, logger } = this.#options
    const nowMs = now()
    this.#signer = signer
    if (!isLeafDue(this.#leaf, signer, nowMs)) return
    const validity = {
      // A replica whose clock is behind still makes a leaf that fits its authority.
      notBeforeMs: Math.max(nowMs - settings.skewMs, signer.notBeforeMs),
      notAfterMs: Math.min(
        Math.max(nowMs, signer.notBeforeMs) + settings.leafLifetimeMs,
        signer.notAfterMs
      )
    }
    onLeaf(await issueLeaf(signer, names, validity))
    this.#leaf = { signer: signer.fingerprint, ...validity }
    logger.info('a new certificate is served', {
      notAfter: new Date(validity.notAfterMs).toISOString(),
      authority: signer.fingerprint
    })
  }

  #tell(step: RotationStep): void {
    const { logger } = this.#options
    if (step.kind === 'create') logger.warn('a new certificate authority signs from now on')
    else if (step.kind === 'add-next') logger.info('a new certificate authority was added')
    else logger.info('the rotation of the certificate authority went a step on')
  }
}

function describe(error: unknown): string {
  const { code, reason, error: name } = errorFields(error)
  return reason === undefined
    ? `the certificates could not be kept up (${code ?? name ?? 'unknown'})`
    : `${reason} [${code}]`
}
