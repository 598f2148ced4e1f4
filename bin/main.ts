import { commandLine } from './command-line.ts'
import { print } from './print.ts'
import { run } from './run.ts'

/**
 * Runs the command line of the process. Only this function reads and writes the process.
 *
 * @returns whether all output is written
 */
export async function main(): Promise<boolean> {
  const input = { args: commandLine(process.argv), env: process.env, folder: process.cwd() }
  const { stdout, stderr, exitCode } = await run(input, text => {
    print('stdout', text)
  })
  process.exitCode = exitCode
  const isWritten = print('stderr', stderr)
  return print('stdout', stdout) && isWritten
}
