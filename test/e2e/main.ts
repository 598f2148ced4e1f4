import { runSuites } from './rig/run-suites.ts'
import { suites } from './suites.ts'

const usage = `Usage: npm run e2e [-- SUITE...]

Runs the suites against the real hosts that npm run peers installed: ${suites.map(({ name }) => name).join(', ')}.
`

const names = process.argv.slice(2)
const unknown = names.filter(name => !suites.some(suite => suite.name === name))
if (unknown.length > 0) {
  process.stderr.write(`unknown suite ${unknown.join(', ')}\n${usage}`)
  process.exitCode = 2
} else {
  const chosen = suites.filter(({ name }) => names.length === 0 || names.includes(name))
  const exitCode = await runSuites(chosen, names)
  // Handles that a hung suite left open must not keep the runner alive.
  process.exit(exitCode)
}
