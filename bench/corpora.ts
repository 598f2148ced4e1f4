import { parseArgs } from 'node:util'
import { compare } from './corpora/compare.ts'
import { readObjects } from './corpora/objects.ts'
import { ourRefusals } from './corpora/ours.ts'
import { pairs } from './corpora/pairs.ts'
import { peerRefusals } from './corpora/peers.ts'
import { report, unexplained } from './corpora/report.ts'
import { buildPrograms, fetchCorpora } from './corpora/sources.ts'

/**
 * `npm run bench:corpora [-- --gatekeeper-library CLONE --kyverno-policies CLONE]`: the objects of the
 * corpora of pod-security, gatekeeper-library and kyverno, judged by their policies and by ours that say
 * the same. Prints the tables of docs/corpora.md. Exit code 1 if a difference has no reason.
 *
 * It needs git and Go: the corpora come from GitHub or the named clones, and the peers are built from
 * their Go modules.
 */
function bench(): number {
  const { values } = parseArgs({
    options: {
      'gatekeeper-library': { type: 'string' },
      'kyverno-policies': { type: 'string' }
    }
  })
  const corpora = fetchCorpora(values)
  const programs = buildPrograms()
  const objects = readObjects(corpora)
  const ours = ourRefusals(pairs, objects)
  const theirs = peerRefusals(pairs, objects, { corpora, programs })
  const comparisons = compare(pairs, objects, { ours, theirs })
  process.stdout.write(report(comparisons, objects.length))
  const open = unexplained(comparisons)
  process.stderr.write(open)
  return open === '' && comparisons.length === pairs.length ? 0 : 1
}

process.exitCode = bench()
