import { Load } from './load.ts'

/** How long a server waits and how much it holds. Times in milliseconds, sizes in bytes. */
export interface ServerLimits {
  /**
   * Idle time after which a connection is closed. Above the 90 s for which Kubernetes' API server keeps
   * its own (client-go and apiserver pkg/util/webhook), or a request meets a connection that closes.
   */
  readonly keepAliveTimeoutMs: number
  /** From a connection's or request's start to the end of its headers: controller-runtime's 32 s. */
  readonly headersTimeoutMs: number
  /** From a request's start to the end of its body; not below `headersTimeoutMs`. */
  readonly requestTimeoutMs: number
  readonly maxHeaderBytes: number
  readonly maxConnections: number
  /** Requests at work, from their headers to their answer; one more is answered 503. */
  readonly maxRequests: number
  /** Request bodies held, all together; above it 503. */
  readonly maxBodyBytes: number
}

/** Limits that suit an admission webhook. */
export const defaultLimits: ServerLimits = {
  keepAliveTimeoutMs: 95_000,
  headersTimeoutMs: 32_000,
  requestTimeoutMs: 32_000,
  maxHeaderBytes: 32 * 1024,
  maxConnections: 4_096,
  maxRequests: 512,
  maxBodyBytes: 64 * 1024 * 1024
}

/**
 * The largest AdmissionReview: an object and an old object of at most 3 MiB each and what surrounds
 * them, as controller-runtime's admission package limits it.
 */
export const admissionBodyLimitBytes = 7 * 1024 * 1024

/** What a server with these limits counts. */
export function loadOf(limits: ServerLimits): Load {
  return new Load({ maxRequests: limits.maxRequests, maxBodyBytes: limits.maxBodyBytes })
}
