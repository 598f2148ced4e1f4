import { createReadStream, readFileSync } from 'node:fs'
import path from 'node:path'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { UsageError } from '../../common/command.ts'
import { describeFault, Fault, isFault } from '../../common/fault.ts'
import { readBaselineFile } from '../baseline/baseline-file.ts'
import { metricsOfKeys, wordsOf } from '../settings/metric-keys.ts'
import { scoreName } from '../settings/metric.ts'
import { readAnalysis } from '../settings/read-analysis.ts'
import { checkColumns, unusedKeys } from './check-columns.ts'
import { judgeGate } from './gate.ts'
import type { GateReport } from './gate.ts'
import { gateUsage } from './gate-options.ts'
import { readGateRows } from './gate-row.ts'
import { checkPairing } from './pairing.ts'
import { readGateOptions } from './read-gate-options.ts'
import type { GateFormat, GateOptions } from './read-gate-options.ts'
import { jsonReport } from './report/json.ts'
import { junitReport } from './report/junit.ts'
import { markdownReport } from './report/markdown.ts'
import { textReport } from './report/text.ts'

const formats: Readonly<Record<GateFormat, (report: GateReport) => string>> = {
  text: textReport,
  json: jsonReport,
  junit: junitReport,
  markdown: markdownReport
}

const exitCodes = { pass: 0, fail: 1, inconclusive: 3, 'no-data': 3 } as const

/**
 * Runs `mlgitops gate`: judges a model once by a file of labelled predictions. Input that cannot be used is exit code
 * 2: 1 says that the model failed.
 *
 * @throws {UsageError} for a wrong command line
 */
export async function gateCommand({ args, folder }: CommandInput): Promise<CommandResult> {
  const options = readGateOptions(args)
  if (options === 'help') return { stdout: gateUsage, stderr: '', exitCode: 0 }
  try {
    return await gate(options, folder)
  } catch (error) {
    if (!isFault(error)) throw error
    return { stdout: '', stderr: `mlgitops gate: ${describeFault(error)}\n`, exitCode: 2 }
  }
}

async function gate(options: GateOptions, folder: string): Promise<CommandResult> {
  const settings = settingsOf(options, folder)
  const analysis = readAnalysis(settings, true, 'gate')
  checkColumns(analysis, options)
  const scores = analysis.objectives.flatMap(({ metric }) => scoreName(metric) ?? [])
  const read = (file: string) =>
    readFile(folder, file, bytes =>
      readGateRows(bytes, file, {
        columns: options.columns,
        scores: [...new Set(scores)],
        rules: analysis
      })
    )
  const rows = await read(options.predictions)
  const against = options.against === undefined ? undefined : await read(options.against)
  if (against !== undefined) checkPairing(rows, against, options)
  const minEvents = settings.has('min-events') ? analysis.minEvents : 0
  const report = judgeGate(analysis, { rows, against }, minEvents)
  const unused = unusedKeys(settings)
  const stderr =
    unused.length === 0
      ? ''
      : `mlgitops gate: not used, because there is one look at a finished file: ${unused.join(', ')}\n`
  return { stdout: formats[options.output](report), stderr, exitCode: exitCodes[report.verdict] }
}

/**
 * The settings with those of the baseline file. A file that no objective names is compared with all the same: each
 * metric with a limit is also held to what the file has.
 */
function settingsOf(
  { settings, baseline, against }: GateOptions,
  folder: string
): ReadonlyMap<string, string> {
  const measured =
    baseline === undefined ? new Map<string, string>() : readBaseline(folder, baseline)
  const whole = new Map([...measured, ...settings])
  const metrics = metricsOfKeys(settings.keys()).filter(metric =>
    wordsOf(metric).includes('versus')
  )
  const isCompared = (with_: string) =>
    metrics.some(metric => settings.get(`${metric}.versus`) === with_)
  if (baseline !== undefined && !isCompared('baseline')) {
    const found = metrics.filter(metric => measured.has(`baseline.${metric}`))
    if (found.length === 0) {
      throw new UsageError(`--baseline ${baseline} has no metric with an objective`)
    }
    for (const metric of found) {
      if (!settings.has(`${metric}.versus`)) whole.set(`${metric}.versus`, 'baseline')
    }
  }
  if (against !== undefined && !isCompared('primary')) {
    const free = metrics.filter(
      metric => !whole.has(`${metric}.versus`) && !metric.startsWith('latency.')
    )
    if (free.length === 0) {
      throw new UsageError('--against needs an objective such as accuracy.versus=primary')
    }
    for (const metric of free) whole.set(`${metric}.versus`, 'primary')
  }
  return whole
}

function readBaseline(folder: string, file: string): ReadonlyMap<string, string> {
  try {
    return readBaselineFile(readFileSync(path.resolve(folder, file), 'utf8'), file)
  } catch (error) {
    throw error instanceof Fault ? error : unreadable(error, '--baseline')
  }
}

async function readFile<Result>(
  folder: string,
  file: string,
  read: (bytes: AsyncIterable<Uint8Array>) => Promise<Result>
): Promise<Result> {
  const source = file === '-' ? process.stdin : createReadStream(path.resolve(folder, file))
  try {
    return await read(source)
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? unreadable(error, file) : error
  } finally {
    source.destroy()
  }
}

function unreadable(error: unknown, where: string): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Fault('FILE_UNREADABLE', `the file cannot be read (${code})`, { where })
}
