import type { ReadStatement } from '../../evidence/attestation/decode-statement.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import { subjectName } from '../../evidence/attestation/statement.ts'
import { generateNameOf } from './subject.ts'
import type { Subject } from './subject.ts'

/** A statement that a trusted key signed. */
export interface VerifiedStatement {
  readonly keyId: string
  readonly statement: ReadStatement
}

/** The envelopes in 16 MiB are those of thousands of objects. */
const maxCharacters = 16 * 1024 * 1024
const maxEnvelopes = 4_096

interface KeptEnvelope {
  readonly text: string
  readonly verified: VerifiedStatement
}

/**
 * The last envelope of each attested object that was verified, with its whole text. What one key set
 * verified is never used with another, nor after one more of its keys has expired. Only what a trusted
 * key signed is kept, so that nobody else can fill it; it is emptied when it is full. To find an envelope by
 * its object costs less than by the hash of its text.
 */
class VerifiedEnvelopes {
  readonly #byName = new Map<string, KeptEnvelope>()
  #characters = 0

  /** Returns what was verified of this text, if it is the last one of an object of this name. */
  find(subject: Subject, text: string): VerifiedStatement | undefined {
    const known = attestedNames(subject)
      .map(name => this.#byName.get(name))
      .find(each => each?.text === text)
    return known?.verified
  }

  keep(text: string, verified: VerifiedStatement): void {
    const name = subjectName(verified.statement.facts.object)
    const isFull = this.#byName.size >= maxEnvelopes || this.#characters >= maxCharacters
    if (isFull) {
      this.#byName.clear()
      this.#characters = 0
    }
    this.#characters += text.length - (this.#byName.get(name)?.text.length ?? 0)
    this.#byName.set(name, { text, verified })
  }
}

/** The names that a statement for an object can have: its own, and that of objects with its generated name. */
function attestedNames({ identity, object }: Subject): readonly string[] {
  const { group, kind, namespace, name } = identity
  const generateName = generateNameOf({ object })
  const names = name === '' ? [] : [subjectName({ group, kind, namespace, name })]
  if (generateName === undefined) return names
  return [...names, subjectName({ group, kind, namespace, generateName })]
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
