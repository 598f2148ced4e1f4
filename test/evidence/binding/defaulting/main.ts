import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stringifyJson, stringMember } from '../../../../common/json.ts'
import { fieldOf, pathOf } from '../../../../evidence/binding/place.ts'
import { goToolchain } from '../../../e2e/peers/peer.ts'
import { compared } from '../compared.ts'
import { openValues } from './open-values.ts'
import type { Defaulted } from './open-values.ts'

const source = path.join(import.meta.dirname, 'main.go')
/** The module with the Kubernetes that the end-to-end suites run against. */
const module = path.join(import.meta.dirname, '../../../e2e/peers/kubernetes')

/** Of each sort. */
const shown = 50

/**
 * `npm run fuzz:defaults`: COUNT (default 9,000) random objects of Kubernetes' own kinds are given the defaults
 * by Kubernetes' own code. None may differ from what was rendered, and no other value may pass for a default.
 * SEED (default 1) selects the objects. Needs Go.
 */
function main(seed: number, count: number): void {
  const objects = defaulted(seed, count)
  let certain = 0
  const refused = objects.flatMap(({ rendered, found }) => {
    const { differences, isCertain } = compared('object', rendered, found)
    if (isCertain) certain += 1
    return differences.map(
      ({ place }) =>
        `refused: ${stringMember(found, 'kind') ?? ''} ${fieldOf(pathOf(place))}: ${stringifyJson(place.found ?? null)}`
    )
  })
  const open = [...openValues(objects)].map(line => `open: ${line}`)
  for (const line of [...refused.slice(0, shown), ...open.slice(0, shown)]) say(line)
  say(
    `seed ${seed}, ${count} objects, ${refused.length} refused, ${open.length} open; ${certain} expectations are met`
  )
  process.exitCode = refused.length + open.length === 0 ? 0 : 1
}

function defaulted(seed: number, count: number): readonly Defaulted[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-defaulting-'))
  const program = path.join(folder, 'defaulting')
  const env = { ...process.env, GOTOOLCHAIN: goToolchain, GOFLAGS: '', GOWORK: 'off' }
  try {
    execFileSync('go', ['build', '-mod=readonly', '-o', program, source], {
      cwd: module,
      env,
      stdio: 'inherit'
    })
    const lines = execFileSync(program, [String(count), String(seed)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 29
    })
    return lines
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Defaulted)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

main(Number(process.env.SEED ?? 1), Number(process.env.COUNT ?? 9_000))
