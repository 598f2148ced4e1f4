import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { compareDocuments, Reader } from './documents.ts'
import { Findings } from './findings.ts'
import { randomDocument } from './random-document.ts'
import { Random } from './random.ts'
import { compareTemplate, randomTemplate } from './templates.ts'
import { makeTree, removeTree, renderTree } from './trees.ts'

const batch = 500

/**
 * `npm run fuzz`: of COUNT (default 100,000) cases six tenths are templates, compared with Handlebars, three
 * tenths YAML documents, compared with sigs.k8s.io/yaml as kubectl calls it, and one tenth file trees, which
 * render or are refused with a file name. SEED (default 1) selects the cases. Needs Go for the YAML reader.
 */
async function main(seed: number, count: number): Promise<void> {
  const findings = new Findings()
  const random = new Random(seed)
  const startedMs = Date.now()
  for (let made = 0; made < count * 0.6; made += 1)
    findings.add('templates', compareTemplate(randomTemplate(random)))
  say(`templates done after ${seconds(startedMs)} s`)
  await compareAllDocuments(random, count * 0.3, findings)
  say(`documents done after ${seconds(startedMs)} s`)
  for (let made = 0; made < count * 0.1; made += 1) {
    const tree = makeTree(random)
    findings.add('trees', await renderTree(tree, random))
    removeTree(tree)
  }
  for (const line of findings.lines()) say(line)
  for (const difference of findings.differences.slice(0, 50)) say(difference)
  say(
    `seed ${seed}, ${count} cases, ${findings.differences.length} differences, ${seconds(startedMs)} s`
  )
  process.exitCode = findings.differences.length === 0 ? 0 : 1
}

async function compareAllDocuments(random: Random, count: number, findings: Findings) {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-reader-'))
  const program = path.join(folder, 'reader')
  execFileSync('go', ['build', '-o', program, '.'], {
    cwd: path.join(import.meta.dirname, 'reader'),
    stdio: 'inherit'
  })
  const reader = new Reader(program)
  for (let made = 0; made < count; made += batch) {
    const size = Math.min(batch, count - made)
    const texts = Array.from({ length: size }, () => randomDocument(random))
    for (const outcome of await compareDocuments(texts, reader)) findings.add('documents', outcome)
  }
  await reader.close()
  rmSync(folder, { recursive: true })
}

function seconds(startedMs: number): number {
  return Math.round((Date.now() - startedMs) / 1_000)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

await main(Number(process.env.SEED ?? 1), Number(process.env.COUNT ?? 100_000))
