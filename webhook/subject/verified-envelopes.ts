import type { ReadStatement } from '../../evidence/attestation/decode-statement.ts'
import type { Key } from '../../evidence/attestation/key.ts'

/** A statement that a trusted key signed. */
export interface VerifiedStatement {
  readonly keyId: string
  readonly statement: ReadStatement
}

/** The envelopes in 16 MiB are those of thousands of objects. */
const maxCharacters = 16 * 1024 * 1024
const maxEnvelopes = 4_096

/**
 * Envelopes that were verified, by their whole text. What one key set verified is never used with
 * another, nor after one more of its keys has expired. Only what a trusted key signed is kept, so that
 * nobody else can fill it; it is emptied when it is full.
 */
class VerifiedEnvelopes {
  readonly #statements = new Map<string, VerifiedStatement>()
  #characters = 0

  find(text: string): VerifiedStatement | undefined {
    return this.#statements.get(text)
  }

  keep(text: string, verified: VerifiedStatement): void {
    const isFull = this.#statements.size >= maxEnvelopes || this.#characters >= maxCharacters
    if (isFull) {
      this.#statements.clear()
      this.#characters = 0
    }
    this.#statements.set(text, verified)
    this.#characters += text.length
  }
}

/** By the list of trusted keys, which is replaced when it changes, and then by how many of them had expired. */
const byKeys = new WeakMap<readonly Key[], Map<number, VerifiedEnvelopes>>()

/** Returns the envelopes that these keys verified while `ended` of them had expired. */
export function verifiedBy(trusted: readonly Key[], ended: number): VerifiedEnvelopes {
  const byEnded = byKeys.get(trusted) ?? new Map<number, VerifiedEnvelopes>()
  byKeys.set(trusted, byEnded)
  const envelopes = byEnded.get(ended) ?? new VerifiedEnvelopes()
  byEnded.set(ended, envelopes)
  return envelopes
}
