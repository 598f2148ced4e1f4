import { createHash } from 'node:crypto'
import { createReadStream, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { Fault } from '../../common/fault.ts'
import { markdownReport } from './markdown.ts'
import type { AuditedModel, FindAuditedModel } from './audited-model.ts'
import { auditUsage } from './audit-options.ts'
import { readAuditOptions } from './read-audit-options.ts'
import type { AuditOptions } from './read-audit-options.ts'
import { auditOf, jsonReport } from './report.ts'
import type { AuditFacts } from './report.ts'
import { readRows } from './rows.ts'
import { Tallying } from './tally.ts'
import type { Tally } from './tally.ts'

const progressMs = 500

/**
 * Runs `mlgitops audit`: computes a bias audit from labelled predictions.
 *
 * @param findModel is called for `--path`
 * @throws {Fault} for invalid input, and as {@link readAuditOptions} for a wrong command line
 */
export async function auditCommand(
  { args, folder }: CommandInput,
  findModel: FindAuditedModel
): Promise<CommandResult> {
  const options = readAuditOptions(args, new Date().toISOString().slice(0, 10))
  if (options === 'help') return { stdout: auditUsage, stderr: '', exitCode: 0 }
  const { path: target, artifacts } = options
  const model =
    target === undefined ? undefined : await findModel(target, folder, artifacts.length === 0)
  const { tally, digest } = await tallyFile(options, folder)
  const named = model === undefined ? options.facts : factsOfModel(options, model)
  const facts = { ...named, dataset: { ...named.dataset, digest } }
  const text =
    options.output === 'json' ? jsonReport(tally, facts) : markdownReport(auditOf(tally, facts))
  const unnamed = options.unnamed.map(what => `mlgitops audit: ${what}\n`).join('')
  const stderr = (model?.messages ?? '') + unnamed + loneGroups(tally)
  if (options.out === undefined) return { stdout: text, stderr, exitCode: 0 }
  write(path.resolve(folder, options.out), text)
  return { stdout: '', stderr: `${stderr}${options.out} was written\n`, exitCode: 0 }
}

/** An attribute with one group has a ratio of 1 whatever the model does, so rule `biasAudit` refuses it. */
function loneGroups({ attributes }: Tally): string {
  const lone = attributes.filter(({ groups }) => groups.length === 1)
  return lone
    .map(({ name }) => `mlgitops audit: ${name} has one group, so it compares nothing\n`)
    .join('')
}

const shortDigest = 12

/** The name, the digest and the artifacts of the application path, unless the options name others. */
function factsOfModel(
  { facts, given, artifacts }: AuditOptions,
  { name, digest, artifacts: found }: AuditedModel
): AuditFacts {
  const version = digest.replace('sha256:', '').slice(0, shortDigest)
  const served = artifacts.length > 0 ? artifacts : found
  return {
    ...facts,
    model: { name: given.model ?? name, version: given.version ?? version },
    modelDigest: digest,
    ...(served.length === 0 ? {} : { artifacts: served })
  }
}

async function tallyFile(
  { file, label, prediction, sensitive, intersections }: AuditOptions,
  folder: string
): Promise<{ readonly tally: Tally; readonly digest: string }> {
  const name = file === '-' ? 'stdin' : file
  const source = file === '-' ? process.stdin : createReadStream(path.resolve(folder, file))
  const hash = createHash('sha256')
  const tallying = new Tallying(name, sensitive, intersections)
  const columns = [label, prediction, ...sensitive]
  const progress = new Progress()
  try {
    for await (const rows of readRows(hashed(source, hash), name, columns)) {
      for (const row of rows) tallying.add(row)
      progress.add(rows.length)
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw unreadable(error, name)
    throw error
  } finally {
    progress.end()
    source.destroy()
  }
  return { tally: tallying.end(), digest: `sha256:${hash.digest('hex')}` }
}

async function* hashed(source: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>) {
  for await (const chunk of source) {
    hash.update(chunk)
    yield chunk
  }
}

/** Shows the number of rows read, on a terminal only. */
class Progress {
  #rows = 0
  #shownMs = performance.now()
  #isShown = false

  add(rows: number): void {
    this.#rows += rows
    if (!process.stderr.isTTY || performance.now() - this.#shownMs < progressMs) return
    this.#shownMs = performance.now()
    this.#isShown = true
    process.stderr.write(`\r${this.#rows} rows`)
  }

  end(): void {
    if (this.#isShown) process.stderr.write('\r\u001b[K')
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('FILE_UNWRITABLE', `the audit cannot be written (${code})`, { where: '--out' })
  }
}

function unreadable(error: Error, where: string): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Fault('FILE_UNREADABLE', `the file cannot be read (${code})`, { where })
}
