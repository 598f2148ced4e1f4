import { UsageError } from '../common/command.ts'
import type { CommandInput, CommandResult, Print } from '../common/command.ts'

const usage = `Usage: mlgitops serve webhook|analysis|flux [options]

  webhook    the admission webhook
  analysis   the analysis webhook that Flagger asks
  flux       the controller that renders for Flux

mlgitops serve PART --help says more.
`

/**
 * Runs `mlgitops serve`. The first argument names the service, and only its code is loaded.
 *
 * @throws {UsageError} for no part or an unknown one; what the part throws
 */
export async function serveCommand(input: CommandInput, print: Print): Promise<CommandResult> {
  const [part, ...args] = input.args
  switch (part) {
    case 'webhook':
      return (await import('../webhook/serve-command.ts')).serveCommand({ ...input, args }, print)
    case 'analysis': {
      const { serveAnalysisCommand } = await import('../analysis/serve-command.ts')
      return serveAnalysisCommand({ ...input, args }, print)
    }
    case 'flux': {
      const { serveFluxCommand } = await import('../plugin/flux/serve-command.ts')
      return serveFluxCommand({ ...input, args }, print)
    }
    case '--help':
      return { stdout: usage, stderr: '', exitCode: 0 }
    default:
      throw new UsageError('serve takes a part: webhook, analysis or flux')
  }
}
