import { isJsonArray, isJsonObject, member, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { identify } from '../../../evidence/identity.ts'
import type { Program, Variable } from './program.ts'
import type { Rewriting } from './rewriting.ts'
import { shellCommands, shellScript } from './shell-script.ts'
import { statedProgram } from './stated-program.ts'

const runners: ReadonlySet<string> = new Set([
  'org.apache.spark.deploy.PythonRunner',
  'org.apache.spark.deploy.RRunner'
])
const driverOptions: ReadonlySet<string> = new Set(['--properties-file', '--class', '--proxy-user'])
const connects =
  /^(?:\$\{?SPARK_HOME\}?\/sbin\/|\/opt\/spark\/sbin\/)?start-connect-server\.sh(?: |$)/u

/**
 * Spark's own images take `driver`, options and the application as arguments, or `executor`
 * (apache/spark resource-managers/kubernetes, BasicDriverFeatureStep and BasicExecutorFeatureStep); a
 * SparkConnect starts its server by a script. Settings are in a file that the submission makes.
 */
export const sparkRewriting: Rewriting = {
  groups: ['sparkoperator.k8s.io'],
  unwrap: words => {
    const [program, ...rest] = words
    if (program !== 'driver') return undefined
    let mainClass: string | undefined
    while (driverOptions.has(rest[0] ?? '')) {
      const [option, value = ''] = rest.splice(0, 2)
      if (option === '--class') mainClass = value
    }
    if (rest[0] === 'spark-internal') rest.shift()
    return mainClass === undefined || runners.has(mainClass) ? rest : [mainClass, ...rest]
  },
  adds: ({ command, args }) => {
    const words = [...command, ...args]
    if (words.length === 1 && words[0] === 'executor') return true
    const commands = shellCommands(shellScript(words) ?? '') ?? []
    return commands.length === 1 && connects.test(commands[0] ?? '')
  },
  variables:
    /^(?:SPARK_\w+|PYSPARK_\w+|R_\w+|HADOOP_CONF_DIR|HADOOP_TOKEN_FILE_LOCATION|GOOGLE_APPLICATION_CREDENTIALS)$/u,
  stated: applicationOf
}

function applicationOf(owner: JsonObject): readonly Program[] {
  const { group, kind } = identify(owner)
  if (group !== 'sparkoperator.k8s.io') return []
  const { spec } = owner
  const of = kind === 'ScheduledSparkApplication' ? member(spec, 'template') : spec
  const mainClass = stringMember(of, 'mainClass')
  const file = stringMember(of, 'mainApplicationFile')
  const given = member(of, 'arguments')
  const args = isJsonArray(given) ? given.map(String) : []
  const chosen = mainClass === undefined ? [] : [mainClass]
  const files = file === undefined ? [[]] : [[file], []]
  const env = [...variablesOf(member(of, 'driver')), ...variablesOf(member(of, 'executor'))]
  return files.map(each => statedProgram({ command: [...chosen, ...each], args, env }))
}

function variablesOf(role: JsonValue | undefined): readonly Variable[] {
  const given = member(role, 'envVars')
  if (!isJsonObject(given)) return []
  return Object.entries(given).map(([name, value]) => ({
    name,
    value: typeof value === 'string' ? value : '',
    from: undefined
  }))
}
