import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Script } from 'node:vm'
import { codeCacheHeader, codeCacheOf } from '../bin/bundle/code-cache.ts'
import type { CacheKind } from '../bin/bundle/code-cache.ts'
import { linkParts, shortProgram } from '../bin/bundle/link.ts'
import type { BuiltFiles, Parts } from '../bin/bundle/link.ts'
import type { main as Main } from '../bin/main.ts'

const example = path.join(import.meta.dirname, '../manifests/examples/mlops-repo')
const application = 'models/churn-prediction'

/** What is rendered, and which file of the program gets the code cache of that. */
interface WarmUp {
  readonly dist: string
  readonly built: BuiltFiles
  readonly file: string
  readonly kind: CacheKind
}

/**
 * Renders an example with a built program, and writes the code cache of what that compiled. `scripts/build.ts`
 * runs this file in a process of its own: V8 refuses a cache that was made with other flags.
 */
async function warmUp({ dist, built, file, kind }: WarmUp): Promise<void> {
  const name = path.join(dist, file)
  const script = new Script(readFileSync(name, 'latin1'), { filename: file })
  const parts = script.runInThisContext() as Parts
  const require = createRequire(name)
  const load = linkParts({
    files: built,
    partsIn: each => (each === file ? parts : (require(path.join(dist, each)) as Parts)),
    require,
    filename: path.join(dist, 'mlgitops.js'),
    refuse: each => {
      throw new Error(`${each} lacks a part of the program`)
    }
  })
  const { main } = load(shortProgram) as { main: typeof Main }
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-warm-up-'))
  try {
    await renderExample(main, folder, kind)
  } finally {
    process.chdir(dist)
    rmSync(folder, { recursive: true })
  }
  const header = Buffer.from(codeCacheHeader(built), 'latin1')
  const cache = codeCacheOf(name, kind)
  // Never half a file: V8 has no checksum.
  writeFileSync(`${cache}.new`, Buffer.concat([header, script.createCachedData()]))
  renameSync(`${cache}.new`, cache)
}

/** Renders the example without Git; of another kind also signed, as a work tree and as Argo CD does it. */
async function renderExample(main: typeof Main, folder: string, kind: CacheKind): Promise<void> {
  cpSync(example, folder, { recursive: true })
  const run = async (...args: readonly string[]) => {
    process.argv.splice(2, Infinity, ...args)
    await main()
    if (process.exitCode !== 0) throw new Error(`mlgitops ${args[0] ?? ''} failed`)
  }
  process.chdir(folder)
  const render = ['render', application, '--environment', 'staging']
  const exported = [...render, '--revision', '0'.repeat(40)]
  // Without history, the model commit of an audit is not known.
  const audit = path.join(folder, application, 'bias_audit.md')
  const text = readFileSync(audit)
  rmSync(audit)
  if (kind === 'exported') {
    await run(...exported)
    return
  }
  await run('keygen', '--out-dir', path.join(folder, '.git-keys'))
  const key = ['--key', path.join(folder, '.git-keys/signing.key')]
  await run(...exported, ...key)
  writeFileSync(audit, text)
  if (spawnSync('git', ['--version']).status !== 0) return
  const commit = commitAll(folder)
  await run(...render, ...key)
  process.chdir(application)
  Object.assign(process.env, {
    ARGOCD_APP_REVISION: commit,
    ARGOCD_APP_SOURCE_PATH: application,
    ARGOCD_ENV_ENVIRONMENT: 'staging'
  })
  await run('render', '.', ...key)
  await run('parameters', '.')
}

function commitAll(folder: string): string {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], {
      cwd: folder,
      encoding: 'utf8'
    }).trim()
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--no-gpg-sign', '--message', 'x')
  return git('rev-parse', 'HEAD')
}

const [dist = '', built = '', file = '', kind = ''] = process.argv.splice(2)
await warmUp({
  dist: path.resolve(dist),
  built: JSON.parse(built) as BuiltFiles,
  file,
  kind: kind === 'exported' ? 'exported' : 'repository'
})
