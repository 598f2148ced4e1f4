import { parsePattern } from './parse-pattern.ts'
import type { CharacterSet, PatternNode } from './parse-pattern.ts'

type Step =
  | { readonly step: 'set'; readonly set: CharacterSet }
  | { readonly step: 'start' | 'end' | 'match' }
  /** Continues at each of these steps, by index. */
  | { readonly step: 'fork'; readonly to: number[] }

const maxSteps = 2_000

/**
 * Compiles a pattern that {@link parsePattern} accepts; undefined for any other. All alternatives run in
 * parallel (Thompson's construction), so that a test takes at most text length times pattern length.
 */
export function compileSimple(pattern: string): ((text: string) => boolean) | undefined {
  const node = parsePattern(pattern)
  if (node === undefined) return undefined
  const steps: Step[] = []
  if (!emit(node, steps)) return undefined
  steps.push({ step: 'match' })
  return text => isFound(steps, text)
}

/** Writes the steps of a node; false if there are too many. */
function emit(node: PatternNode, steps: Step[]): boolean {
  if (steps.length > maxSteps) return false
  switch (node.kind) {
    case 'empty':
      return true
    case 'set':
      steps.push({ step: 'set', set: node.set })
      return true
    case 'start':
    case 'end':
      steps.push({ step: node.kind })
      return true
    case 'sequence':
      return node.parts.every(part => emit(part, steps))
    case 'choice':
      return emitChoice(node.parts, steps)
    case 'repeat':
      return emitRepeat(node, steps)
  }
}

function emitChoice(parts: readonly PatternNode[], steps: Step[]): boolean {
  const fork: number[] = []
  steps.push({ step: 'fork', to: fork })
  const exits: number[][] = []
  for (const part of parts) {
    fork.push(steps.length)
    if (!emit(part, steps)) return false
    const exit: number[] = []
    exits.push(exit)
    steps.push({ step: 'fork', to: exit })
  }
  for (const exit of exits) exit.push(steps.length)
  return true
}

function emitRepeat(
  {
    node,
    least,
    most
  }: { readonly node: PatternNode; readonly least: number; readonly most: number },
  steps: Step[]
): boolean {
  for (let times = 0; times < least; times++) if (!emit(node, steps)) return false
  if (most === Infinity) {
    const fork: number[] = []
    const start = steps.push({ step: 'fork', to: fork }) - 1
    fork.push(start + 1)
    if (!emit(node, steps)) return false
    steps.push({ step: 'fork', to: [start] })
    fork.push(steps.length)
    return true
  }
  const exits: number[][] = []
  for (let times = least; times < most; times++) {
    const fork = [steps.length + 1]
    exits.push(fork)
    steps.push({ step: 'fork', to: fork })
    if (!emit(node, steps)) return false
  }
  for (const exit of exits) exit.push(steps.length)
  return true
}

function isFound(steps: readonly Step[], text: string): boolean {
  const characters = Array.from(text, character => character.codePointAt(0) ?? 0)
  let current: number[] = []
  for (let at = 0; at <= characters.length; at++) {
    const reached = new Set<number>()
    const next: number[] = []
    const pending = [...current, 0]
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      if (reached.has(index)) continue
      reached.add(index)
      const step = steps[index]
      if (step === undefined) continue
      if (step.step === 'match') return true
      if (step.step === 'fork') pending.push(...step.to)
      else if (step.step === 'set') {
        const code = characters[at]
        if (code !== undefined && contains(step.set, code)) next.push(index + 1)
      } else if (step.step === 'start' ? at === 0 : at === characters.length)
        pending.push(index + 1)
    }
    current = next
  }
  return false
}

function contains({ ranges, isNegated }: CharacterSet, code: number): boolean {
  return ranges.some(([low, high]) => code >= low && code <= high) !== isNegated
}
