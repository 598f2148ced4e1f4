import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import t from 'tap'

const hasCurl = spawnSync('curl', ['--version']).status === 0
/** Printed between two blocks of commands. */
const between = '--- next block ---'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Runs a script and returns what it printed. */
async function run(script: string, cwd: string, tools: string): Promise<string> {
  const env = { PATH: `${tools}:${process.env.PATH ?? ''}`, HOME: cwd }
  const shell = spawn('sh', ['-e', '-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  shell.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const code = await new Promise(resolve => shell.on('close', resolve))
  t.equal(code, 0, printed)
  return printed
}

t.test(
  'the commands of docs/tutorial-kserve.md print what it says',
  { skip: hasCurl ? false : 'there is no curl' },
  async t => {
    const text = readFileSync('docs/tutorial-kserve.md', 'utf8')
    const blocks = [...text.matchAll(/^```(sh|text)\n([^]*?)^```$/gm)].map(
      ([, kind = '', block = '']) => ({ kind, block })
    )
    const commands = blocks.filter(({ kind }) => kind === 'sh').map(({ block }) => block)
    const expected = blocks.flatMap(({ kind }, at) =>
      kind === 'sh' ? [blocks[at + 1]?.kind === 'text' ? (blocks[at + 1]?.block ?? '') : ''] : []
    )
    t.equal(commands.length, 6)
    const work = t.testdir({ tools: {}, project: {} })
    const npx = path.join(work, 'tools/npx')
    const program = path.resolve('bin/mlgitops.js')
    writeFileSync(npx, `#!/bin/sh\nshift\nexec '${process.execPath}' '${program}' "$@"\n`)
    chmodSync(npx, 0o755)
    const port = String(await freePort())
    const script = commands.join(`echo '${between}'\n`).replaceAll('8080', port)
    const printed = await run(script, path.join(work, 'project'), path.join(work, 'tools'))
    t.same(printed.split(`${between}\n`), expected)
  }
)
