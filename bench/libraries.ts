import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { build } from 'esbuild'
import { pathPattern } from '../plugin/repository/glob.ts'
import { schemaFindings } from '../plugin/values/json-schema/validate.ts'

const rounds = 25

/** Programs that validate `values` once. `none` only starts Node. */
const programs = {
  none: '',
  ajv: `import { Ajv2020 } from 'ajv/dist/2020.js'
    if (!new Ajv2020({ strict: false }).compile(schema)(values)) throw new Error()`,
  '@cfworker/json-schema': `import { Validator } from '@cfworker/json-schema'
    if (!new Validator(schema, '2020-12').validate(values).valid) throw new Error()`,
  ours: `import { schemaFindings } from './plugin/values/json-schema/validate.ts'
    if ((await schemaFindings(schema, values)).length > 0) throw new Error()`
}

const input = `
  const text = { type: 'string', pattern: '^[a-z0-9./-]+$' }
  const properties = Object.fromEntries(Array.from({ length: 20 }, (_, at) => ['key' + at, text]))
  const schema = { type: 'object', required: ['key1'], properties, additionalProperties: false }
  const values = { key1: 'registry.example.com/churn' }
`
const footer = `
  const { user, system } = process.cpuUsage()
  process.stdout.write(String((user + system) / 1000))
`

/** CPU and size of a bundled program; of all rounds the least CPU, which the machine disturbs least. */
async function cost(program: string, outfile: string): Promise<string> {
  const result = await build({
    stdin: {
      contents: `${input};${program};${footer}`,
      resolveDir: path.dirname(import.meta.dirname)
    },
    ...{ bundle: true, minify: true, platform: 'node', format: 'esm', logLevel: 'silent' },
    ...{ outfile, metafile: true, external: ['re2js'] },
    banner: {
      js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"
    }
  })
  const [bytes = 0] = Object.values(result.metafile.outputs).map(output => output.bytes)
  const times = Array.from({ length: rounds }, () =>
    Number(spawnSync(process.execPath, [outfile], { encoding: 'utf8' }).stdout)
  )
  return `${Math.min(...times).toFixed(1)} ms of CPU, ${(bytes / 1_000).toFixed(0)} kB`
}

async function elapsedMs(action: () => unknown): Promise<string> {
  const startMs = performance.now()
  await action()
  return (performance.now() - startMs).toFixed(1)
}

/** `node bench/libraries.ts`: the figures of docs/decisions/0002 and 0014. */
async function bench(folder: string): Promise<void> {
  for (const [at, [name, program]] of Object.entries(programs).entries()) {
    const figures = cost(program, path.join(folder, `${at}.mjs`))
    say(
      `a process that validates values once, ${name}: ${await figures.catch(() => 'not installed')}`
    )
  }
  const pattern = '^(a+)+$'
  const check = new Ajv2020({ strict: false }).compile({ pattern })
  for (const length of [22, 24, 26, 28]) {
    const value = `${'a'.repeat(length)}!`
    const ours = await elapsedMs(() => schemaFindings({ pattern }, value))
    say(
      `${pattern} on ${length + 1} characters: ajv ${await elapsedMs(() => check(value))} ms, ours ${ours} ms`
    )
  }
  const file = 'a'.repeat(100)
  for (const stars of [3, 4, 5]) {
    const glob = `${'*a'.repeat(stars)}b`
    const node = await elapsedMs(() => path.matchesGlob(file, glob))
    say(
      `${glob} on 100 characters: path.matchesGlob ${node} ms, ours ${await elapsedMs(() => pathPattern(glob)(file))} ms`
    )
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-libraries-'))
await bench(folder).finally(() => {
  rmSync(folder, { recursive: true })
})
