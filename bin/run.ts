import { describeFault, isFault } from '../common/fault.ts'
import { UsageError } from '../common/command.ts'
import type { CommandInput, CommandResult, Print } from '../common/command.ts'

/** What `mlgitops --help` prints. */
export const usage = `Usage: mlgitops COMMAND [options]

  render       print the manifests of an application path at a Git commit
  parameters   print the parameters of an application path, for Argo CD's UI
  fn           a KRM function for kustomize and kpt: the same render
  check        judge manifests by policies, as the admission webhook would; and Canaries
  gate         judge a model once by labelled predictions, for CI
  register     register what a training run made: a commit to the repository
  promote      propose the model of an environment for another one
  rollback     propose the model that an environment had before
  history      print which model each environment has had
  set          set fields of YAML files and change nothing else
  set-image    set images in YAML files and change nothing else
  audit        make a bias audit from labelled predictions
  explain      explain which model an application path is, and what covers and pins it
  digest       print the digest of a model's files, which a bias audit can name
  serve        run the admission webhook, the analysis webhook or Flux's renderer
  keygen       make a signing key pair

mlgitops COMMAND --help says more.
`

type Command = (input: CommandInput, print: Print) => CommandResult | Promise<CommandResult>

/** All commands. Each is loaded when it is called. */
const commands = new Map<string, () => Promise<Command>>([
  ['render', async () => (await import('../plugin/render-command.ts')).renderCommand],
  ['parameters', async () => (await import('../plugin/parameters-command.ts')).parametersCommand],
  [
    'fn',
    async () => {
      const { functionCommand } = await import('../plugin/function/function-command.ts')
      return input => functionCommand(input)
    }
  ],
  [
    'check',
    async () => {
      const { checkCommand } = await import('../webhook/check/command.ts')
      const { readManifest } = await import('../analysis/check/read-manifest.ts')
      return input => checkCommand(input, readManifest)
    }
  ],
  [
    'audit',
    async () => {
      const { auditCommand } = await import('../evidence/audit/command.ts')
      return input =>
        auditCommand(input, async (...named) => {
          const { auditedModel } = await import('../plugin/audited-model.ts')
          return auditedModel(...named)
        })
    }
  ],
  ['register', async () => (await import('./loop-commands.ts')).registerWithDigest],
  ['promote', async () => (await import('../loop/promote/promote-command.ts')).promoteCommand],
  ['rollback', async () => (await import('../loop/rollback/rollback-command.ts')).rollbackCommand],
  ['history', async () => (await import('../loop/history/history-command.ts')).historyCommand],
  ['set', async () => (await import('../loop/edit/set-command.ts')).setCommand],
  ['set-image', async () => (await import('../loop/edit/set-image-command.ts')).setImageCommand],
  ['gate', async () => (await import('../analysis/gate/gate-command.ts')).gateCommand],
  ['explain', async () => (await import('./explain/explain-command.ts')).explainCommand],
  ['digest', async () => (await import('../plugin/model-digest/digest-command.ts')).digestCommand],
  ['serve', async () => (await import('./serve-command.ts')).serveCommand],
  ['keygen', async () => (await import('../plugin/keygen-command.ts')).keygenCommand],
  // Not in the usage: the program starts itself with them as child processes.
  [
    'cel-evaluator',
    async () => (await import('../webhook/cel/evaluator-process.ts')).evaluatorCommand
  ],
  [
    'flux-renderer',
    async () => (await import('../plugin/flux/renderer/renderer-process.ts')).rendererCommand
  ]
])

/** Runs one command line. A service passes its output to `print` while it runs. Never throws. */
export async function run(
  input: CommandInput,
  print: Print = () => undefined
): Promise<CommandResult> {
  const [name = '', ...args] = input.args
  if (name === '--help' || name === 'help') return { stdout: usage, stderr: '', exitCode: 0 }
  const load = commands.get(name)
  if (load === undefined) {
    const problem =
      name === '' ? 'no command given' : `unknown command ${JSON.stringify(name.slice(0, 40))}`
    return { stdout: '', stderr: `mlgitops: ${problem}\n${usage}`, exitCode: 2 }
  }
  try {
    const command = await load()
    return await command({ ...input, args }, print)
  } catch (error) {
    return failure(error, name)
  }
}

/** The message of a fault. Anything else is a bug, which is named without its stack. */
function failure(error: unknown, command: string): CommandResult {
  if (error instanceof UsageError) {
    const stderr = `mlgitops ${command}: ${error.message}\nmlgitops ${command} --help says more.\n`
    return { stdout: '', stderr, exitCode: 2 }
  }
  if (isFault(error)) {
    return { stdout: '', stderr: `mlgitops: ${describeFault(error)}\n`, exitCode: 1 }
  }
  const kind = error instanceof Error ? error.name : 'unknown'
  return { stdout: '', stderr: `mlgitops: internal error (${kind})\n`, exitCode: 1 }
}
