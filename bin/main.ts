import { run } from './run.ts'

/** Runs the process's command line: the only place that reads and writes the process itself. */
export async function main(): Promise<void> {
  const input = { args: process.argv.slice(2), env: process.env, folder: process.cwd() }
  const { stdout, stderr, exitCode } = await run(input, text => {
    process.stdout.write(text)
  })
  process.exitCode = exitCode
  // A reader such as `head` may leave early.
  process.stdout.on('error', () => {
    process.exitCode = 1
  })
  process.stderr.write(stderr)
  process.stdout.write(stdout)
}
