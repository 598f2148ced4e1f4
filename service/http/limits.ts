import { Load } from './load.ts'

/** Timeouts in milliseconds and capacities of a server. */
export interface ServerLimits {
  /**
   * Idle time after which a connection is closed. Longer than the 90 s of Kubernetes' API server
   * (client-go and apiserver pkg/util/webhook), or it would send a request on a connection that closes.
   */
  readonly keepAliveTimeoutMs: number
  /** From the start of a connection or request to the end of its headers: controller-runtime's 32 s. */
  readonly headersTimeoutMs: number
  /** From the start of a request to the end of its body; not below `headersTimeoutMs`. */
  readonly requestTimeoutMs: number
  readonly maxHeaderBytes: number
  readonly maxConnections: number
  /** In-flight requests; one more is answered 503. */
  readonly maxRequests: number
  /** All request bodies in memory together; more are answered 503. */
  readonly maxBodyBytes: number
}

/** Limits for an admission webhook. */
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
 * The largest AdmissionReview, as in controller-runtime's admission package: an object and an old object of
 * at most 3 MiB each, and the rest of the review.
 */
export const admissionBodyLimitBytes = 7 * 1024 * 1024

/** The counts of a server with these limits. */
export function loadOf(limits: ServerLimits): Load {
  return new Load({ maxRequests: limits.maxRequests, maxBodyBytes: limits.maxBodyBytes })
}
