import { run } from './run.ts'

const { stdout, stderr, exitCode } = await run({
  args: process.argv.slice(2),
  env: process.env,
  folder: process.cwd()
})
process.exitCode = exitCode
process.stderr.write(stderr)
process.stdout.write(stdout)
