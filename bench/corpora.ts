import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { compare } from './corpora/compare.ts'
import { readObjects } from './corpora/objects.ts'
import { ourRefusals } from './corpora/ours.ts'
import { pairs } from './corpora/pairs.ts'
import { peerRefusals } from './corpora/peers.ts'
import { report, unexplained, withFigures } from './corpora/report.ts'
import { buildPrograms, fetchCorpora } from './corpora/sources.ts'

const page = path.join(import.meta.dirname, '../docs/corpora.md')

/**
 * `npm run bench:corpora [-- --gatekeeper-library CLONE --kyverno-policies CLONE --write]`: the objects of
 * the corpora of pod-security, gatekeeper-library and kyverno, judged by their policies and by ours that
 * say the same. Prints the figures of docs/corpora.md, and with `--write` puts them there. Exit code 1 if a
 * difference has no reason.
 *
 * It needs git and Go: the corpora come from GitHub or the named clones, and the peers are built from
 * their Go modules.
 */
function bench(): number {
  const { values } = parseArgs({
    options: {
      'gatekeeper-library': { type: 'string' },
      'kyverno-policies': { type: 'string' },
      write: { type: 'boolean', default: false }
    }
  })
  const corpora = fetchCorpora(values)
  const programs = buildPrograms()
  const objects = readObjects(corpora)
  const ours = ourRefusals(pairs, objects)
  const theirs = peerRefusals(pairs, objects, { corpora, programs })
  const comparisons = compare(pairs, objects, { ours, theirs })
  const figures = report(comparisons, objects.length, new Date().toISOString().slice(0, 10))
  process.stdout.write(figures)
  const open = unexplained(comparisons)
  process.stderr.write(open)
  const isWhole = open === '' && comparisons.length === pairs.length
  if (isWhole && values.write) writeFileSync(page, withFigures(readFileSync(page, 'utf8'), figures))
  return isWhole ? 0 : 1
}

process.exitCode = bench()
