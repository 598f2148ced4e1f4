/** The bytes that are signed: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body (DSSE, protocol.md). */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `
  return Buffer.concat([Buffer.from(head), payload])
}

/**
 * Decodes standard and URL-safe base64 with padding, as DSSE requires of verifiers. Anything else is
 * undefined, including bits after the last byte, so that no character of a signature can change.
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (!/^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  const canonical = bytes.toString('base64')
  return canonical === text.replaceAll('-', '+').replaceAll('_', '/') ? bytes : undefined
}
