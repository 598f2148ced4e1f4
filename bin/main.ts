import path from 'node:path'
import { print } from './print.ts'
import { run } from './run.ts'

/** File names that select `mlgitops fn`: kustomize 5.5 (kubectl 1.32) has no `exec.args`. */
const functionNames = /^(?:mlgitops-fn|RenderGenerator|RenderTransformer)$/

/**
 * Runs the command line of the process. Only this function reads and writes the process.
 *
 * @returns whether all output is written
 */
export async function main(): Promise<boolean> {
  const [, file = '', ...given] = process.argv
  const args = functionNames.test(path.basename(file)) ? ['fn', ...given] : given
  const input = { args, env: process.env, folder: process.cwd() }
  const { stdout, stderr, exitCode } = await run(input, text => {
    print('stdout', text)
  })
  process.exitCode = exitCode
  const isWritten = print('stderr', stderr)
  return print('stdout', stdout) && isWritten
}
