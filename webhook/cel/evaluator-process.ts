import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { UsageError } from '../../common/command.ts'
import type { CommandResult } from '../../common/command.ts'
import { endWithParent } from '../../service/end-with-parent.ts'
import type { Finding } from '../decision.ts'
import type { CelOptions } from '../policy/model-policy.ts'
import { compileProgram } from './program.ts'
import type { CelBindings, CelProgram } from './program.ts'

/** A request to an evaluator process: rules to evaluate in order. */
export interface EvaluationRequest {
  readonly rules: readonly CelOptions[]
  readonly bindings: CelBindings
}

/** A message of an evaluator process: `ready` once, then the findings of each rule as they are known. */
export type EvaluationMessage = 'ready' | readonly Finding[]

/** The evaluator process's end of the IPC channel. */
export interface EvaluatorChannel {
  on(event: 'message', listener: (request: EvaluationRequest) => void): unknown
  send?(message: EvaluationMessage): unknown
}

const heapMegabytes = 192
const maxCachedPrograms = 256
const argument = 'cel-evaluator'

/**
 * Starts an evaluator process. A worker thread is not enough: one large allocation beyond its
 * `resourceLimits` aborts the whole process (Node's Worker::NearHeapLimit adds only 16 MiB).
 */
export function startEvaluator(): ChildProcess {
  return fork(import.meta.filename, [argument], {
    // No environment: a process that evaluates untrusted expressions must not know the server's secrets.
    env: {},
    execArgv: [`--max-old-space-size=${heapMegabytes}`],
    serialization: 'advanced',
    stdio: ['pipe', 'ignore', 'ignore', 'ipc']
  })
}

/** Answers the requests of a channel, one after the other. */
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
 * The command that {@link startEvaluator} runs: evaluates until its parent exits.
 *
 * @throws {UsageError} when it was not started by a parent process
 */
export function evaluatorCommand(): Promise<CommandResult> {
  if (process.send === undefined) throw new UsageError('only mlgitops itself starts this command')
  endWithParent()
  answerEvaluations(process)
  return new Promise(() => undefined)
}

// False in the bundle, where bin/run.ts calls the command.
if (import.meta.main) await evaluatorCommand()
