import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { UsageError } from '../../common/command.ts'
import type { CommandResult } from '../../common/command.ts'
import { endWithParent } from '../../service/end-with-parent.ts'
import type { Finding } from '../decision.ts'
import type { CelOptions } from '../policy/model-policy.ts'
import { compileProgram } from './program.ts'
import type { CelBindings, CelProgram } from './program.ts'

/** What an evaluator process is asked: to judge by each rule in turn. */
export interface EvaluationRequest {
  readonly rules: readonly CelOptions[]
  readonly bindings: CelBindings
}

/** What it says: that it is there, and then the findings of each rule as soon as they are known. */
export type EvaluationMessage = 'ready' | readonly Finding[]

/** The process's end of its channel. */
export interface EvaluatorChannel {
  on(event: 'message', listener: (request: EvaluationRequest) => void): unknown
  send?(message: EvaluationMessage): unknown
}

const heapMegabytes = 192
const maxCachedPrograms = 256
const argument = 'cel-evaluator'
/**
 * Starts a process that evaluates. A thread would not do: an allocation that leaps over a worker's
 * `resourceLimits` aborts the whole process (Node's Worker::NearHeapLimit gives 16 MiB of grace).
 */
export function startEvaluator(): ChildProcess {
  return fork(import.meta.filename, [argument], {
    // No environment: nothing that evaluates what others wrote has to know the server's secrets.
    env: {},
    execArgv: [`--max-old-space-size=${heapMegabytes}`],
    serialization: 'advanced',
    stdio: ['pipe', 'ignore', 'ignore', 'ipc']
  })
}

/** Answers what comes over the channel, one request after the other. */
export function answerEvaluations(channel: EvaluatorChannel): void {
  const programs = new Map<string, CelProgram>()
  const programOf = (rule: CelOptions) => {
    const key = JSON.stringify(rule)
    const known = programs.get(key)
    if (known !== undefined) return known
    if (programs.size >= maxCachedPrograms) programs.clear()
    const program = compileProgram(rule)
    programs.set(key, program)
    return program
  }
  channel.on('message', ({ rules, bindings }) => {
    for (const rule of rules) channel.send?.(programOf(rule)(bindings))
  })
  channel.send?.('ready')
}

/**
 * The command that {@link startEvaluator} calls: evaluates until its parent is gone.
 *
 * @throws {UsageError} where no parent asks
 */
export function evaluatorCommand(): Promise<CommandResult> {
  if (process.send === undefined) throw new UsageError('only mlgitops itself starts this command')
  endWithParent()
  answerEvaluations(process)
  return new Promise(() => undefined)
}

// False in the bundle, where bin/run.ts calls the command.
if (import.meta.main) await evaluatorCommand()
