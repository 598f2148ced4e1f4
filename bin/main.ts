import path from 'node:path'
import { print } from './print.ts'
import { run } from './run.ts'

/** File names that select `mlgitops fn`: kustomize 5.5 (kubectl 1.32) has no `exec.args`. */
const functionNames = /^(?:mlgitops-fn|RenderGenerator|RenderTransformer)$/

/** Runs the command line of the process. Only this function reads and writes the process. */
export async function main(): Promise<void> {
  const [, file = '', ...given] = process.argv
  const args = functionNames.test(path.basename(file)) ? ['fn', ...given] : given
  const input = { args, env: process.env, folder: process.cwd() }
  const { stdout, stderr, exitCode } = await run(input, text => {
    print('stdout', text)
  })
  process.exitCode = exitCode
  print('stderr', stderr)
  print('stdout', stdout)
}
