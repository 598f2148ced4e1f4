import { identify } from '../../../evidence/identity.ts'
import { member, stringMember } from '../../../common/json.ts'
import type { Program } from './program.ts'
import type { Rewriting } from './rewriting.ts'
import { shellCommands, shellScript } from './shell-script.ts'
import { statedProgram } from './stated-program.ts'

/**
 * KubeRay runs `ray start` before the command of a container (ray-operator/controllers/ray/common/pod.go),
 * adds containers that wait, scale and submit the entrypoint of a job (job.go), and probes that ask Ray
 * for its health. The plugin of Volcano for Ray writes `ray start` as well.
 */
export const rayRewriting: Rewriting = {
  groups: ['ray.io', 'batch.volcano.sh', 'flow.volcano.sh'],
  unwrap: words => {
    const script = shellScript(words) ?? words.join(' ')
    return afterStart(script) ?? submitted(script)
  },
  isJoined: true,
  adds: isOfRay,
  variables: /^(?:RAY_\w+|FQ_RAY_IP|REDIS_(?:PASSWORD|USERNAME)|KUBERAY_\w+)$/u,
  stated: owner => {
    const { group, kind } = identify(owner)
    const entrypoint = stringMember(member(owner, 'spec'), 'entrypoint')
    if (group !== 'ray.io' || kind !== 'RayJob' || entrypoint === undefined) return []
    return [statedProgram({ command: [entrypoint] })]
  }
}

const start = /^(?:ulimit -n \d+ *(?:;|&&) *)?(ray start[^\n]*?) *(?:&&|$)/u
const forEver = /(?:^|&&) *sleep infinity *$/u

/** The command that follows `ray start`, whose own options cannot run another one. */
function afterStart(script: string): readonly string[] | undefined {
  const found = start.exec(script)
  if (found === null || shellCommands(found[1] ?? '')?.length !== 1) return undefined
  return wordsOf(script.slice(found[0].length).replace(forEver, ''))
}

const submits =
  /^(?:until (?:wget|curl|python3?) .*|(?:(?:do|then|if !) +)?(?:ray job (?:status|submit|logs)|echo|sleep)(?: .*)?|grep \w+|done|fi)$/u

/** The entrypoint that a script of nothing but `ray job submit`, and waiting for it, submits. */
function submitted(script: string): readonly string[] | undefined {
  const [before = '', ...rest] = script.split(' -- ')
  if (!before.includes('ray job submit ') || rest.length === 0) return undefined
  const follow = /\s*;?(?:\s*fi\s*;\s*ray job logs [\w.:/$\s-]*)?\s*$/u
  const commands = shellCommands(before)
  if (commands?.every(command => submits.test(command)) !== true) return undefined
  return wordsOf(rest.join(' -- ').replace(follow, ''))
}

function wordsOf(line: string): readonly string[] {
  return line.split(/\s+/u).filter(word => word !== '')
}

const scales = /^ray kuberay-autoscaler(?: --?[\w-]+| \$\([A-Z_]+\)| [\w.-]+)*$/u
const waits =
  /^(?:SECONDS=0|while true|do|(?:do |then |else )?(?:if )?(?:\(\( *SECONDS *<?=? *\d+ *\)\)|ray health-check --address [\w.:-]+|echo ""|break|sleep \d+)|(?:then |else )?if .*SECONDS.*|then|else|break|fi|done)$/u
const asksForHealth = /^(?:wget|grep|python3?)(?: |$)/u

/** True for what KubeRay adds with the image of a Ray container. */
function isOfRay({ role, command, args }: Program): boolean {
  const words = [...command, ...args]
  const script = shellScript(words) ?? words.join(' ')
  if (scales.test(script)) return true
  if (role === 'exec')
    return shellCommands(script)?.every(each => asksForHealth.test(each)) === true
  const comparable = script.replaceAll(/\(\( *SECONDS *<=? *(\d+) *\)\)/gu, 'SECONDS $1')
  const commands = shellCommands(comparable) ?? ['']
  return comparable.includes('ray health-check ') && commands.every(each => waits.test(each))
}
