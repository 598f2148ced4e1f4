import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { contentHistory } from '../plugin/origin/content-history.ts'

const rounds = 15
const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-histories-'))

function git(folder: string, args: readonly string[], input?: string): string {
  const env = { PATH: process.env.PATH, HOME: work, GIT_CONFIG_NOSYSTEM: '1' }
  const options = { cwd: folder, env, maxBuffer: 1e9, stdio: 'pipe' } as const
  return execFileSync('git', args, { ...options, input, encoding: 'utf8' }).trim()
}

/** A generator with a fixed seed: of numbers from 0 to below `below`. */
function numbers(): (below: number) => number {
  let state = 18
  return below => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

interface Shape {
  readonly folders: number
  readonly filesPerFolder: number
  /** The folder between a model's folder and its files. */
  readonly below: string
  /** Every so many commits one is a merge of a branch. */
  readonly mergeEvery: number
}

const commits = 10_000

function stream({ folders, filesPerFolder, below, mergeEvery }: Shape): string {
  const next = numbers()
  const file = (folder: number, at: number) => `models/m${folder}/${below}file${at}.py`
  const inline = (name: string, text: string) =>
    `M 644 inline ${name}\ndata ${text.length}\n${text}\n`
  const commit = (mark: number, parents: readonly number[], changes: string) => {
    const [from, merged] = parents
    const lines = [
      ...(from === undefined ? [] : [`from :${from}\n`]),
      ...(merged === undefined ? [] : [`merge :${merged}\n`])
    ].join('')
    const by = `committer T <t@t> ${1_700_000_000 + mark * 60} +0000\ndata 6\ncommit\n`
    return `commit refs/heads/main\nmark :${mark}\n${by}${lines}${changes}\n`
  }
  const change = (mark: number) =>
    inline(file(next(folders), next(filesPerFolder)), `content ${mark}`)
  const all: string[] = []
  for (let folder = 0; folder < folders; folder++) {
    for (let at = 0; at < filesPerFolder; at++)
      all.push(inline(file(folder, at), `${folder} ${at}`))
  }
  const parts = [commit(1, [], all.join(''))]
  for (let mark = 2; mark <= commits; mark++) {
    // Of every few commits the last one merges the two before it, which have the same parent.
    const place = mergeEvery === 0 || mark < 4 ? 1 : mark % mergeEvery
    if (place === 0) parts.push(commit(mark, [mark - 2, mark - 1], change(mark)))
    else
      parts.push(
        commit(mark, [place > 1 && place === mergeEvery - 1 ? mark - 2 : mark - 1], change(mark))
      )
  }
  return parts.join('')
}

/** A million files in one commit, and twenty commits that change one of them. */
function million(): string {
  const parts = ['blob\nmark :1\ndata 1\n1\n', 'commit refs/heads/main\n']
  parts.push('committer T <t@t> 1 +0000\ndata 0\n')
  for (let at = 0; at < 1_000_000; at++) parts.push(`M 644 :1 models/m1/d${at % 1000}/f${at}\n`)
  for (let at = 2; at < 22; at++) {
    parts.push(`\ncommit refs/heads/main\ncommitter T <t@t> ${at} +0000\ndata 0\n`)
    parts.push(`M 644 inline models/m1/d1/f1\ndata 2\n${at % 2}\n`)
  }
  return `${parts.join('')}\n`
}

function imported(name: string, input: string): string {
  const folder = path.join(work, name)
  git(work, ['init', '--quiet', '--initial-branch=main', folder])
  git(folder, ['fast-import', '--quiet'], input)
  git(folder, ['repack', '-a', '-d', '-q'])
  return folder
}

const graphs = {
  'no commit-graph': [],
  'commit-graph': ['commit-graph', 'write', '--reachable'],
  'with Bloom filters': ['commit-graph', 'write', '--reachable', '--changed-paths']
}

/** Measures one call in this process, which has loaded the program and called nothing yet. */
async function measureHere(root: string, commit: string, folder: string): Promise<void> {
  const selection = {
    roots: [folder],
    decide: () => 'source' as const,
    reaches: () => true,
    isSource: () => false,
    values: undefined
  }
  const start = performance.now()
  const { modelCommit } = await contentHistory({ root, commit, settings: [] }, selection)
  const wallMs = performance.now() - start
  const { user, system } = process.cpuUsage()
  const mib = process.memoryUsage().rss / 1024 ** 2
  const cpuMs = (user + system) / 1000
  process.stdout.write(JSON.stringify({ wallMs, cpuMs, mib, kind: modelCommit.kind }))
}

interface Measured {
  readonly wallMs: number
  readonly mib: number
}

/** The least of some rounds, which the machine disturbs least. */
function report(title: string, root: string, folder: string, times = rounds): void {
  const commit = git(root, ['rev-parse', 'main'])
  const results = Array.from({ length: times }, () => {
    const args = [import.meta.filename, root, commit, folder]
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measured
  })
  const peer = Array.from({ length: times }, () => {
    const start = performance.now()
    spawnSync('git', ['log', '--format=%H', commit, '--', folder], { cwd: root, stdio: 'ignore' })
    return performance.now() - start
  })
  const least = Math.min(...results.map(({ wallMs }) => wallMs))
  const mib = Math.max(...results.map(result => result.mib))
  const figures = `${least.toFixed(0).padStart(6)} ms ${mib.toFixed(0).padStart(5)} MiB`
  const log = `git log -- FOLDER: ${Math.min(...peer).toFixed(0)} ms`
  process.stdout.write(`  ${title.padEnd(48)} ${figures}   ${log}\n`)
}

function reportAll(): void {
  const few = { folders: 5, filesPerFolder: 20, below: 'src/', mergeEvery: 0 }
  const shapes: Readonly<Record<string, Shape>> = {
    'one folder of 5': few,
    'one folder of 5, merges': { ...few, mergeEvery: 10 },
    'one folder of 200': { ...few, folders: 200 },
    'one folder of 5, ten levels deep': { ...few, below: 'a/b/c/d/e/f/g/h/i/' }
  }
  process.stdout.write(`\n${commits} commits, one source folder, least of ${rounds} rounds\n`)
  for (const [name, shape] of Object.entries(shapes)) {
    const plain = imported(name, stream(shape))
    for (const [graph, args] of Object.entries(graphs)) {
      const root = path.join(work, `${name}, ${graph}`)
      cpSync(plain, root, { recursive: true })
      if (args.length > 0) git(root, args)
      report(`${name}, ${graph}`, root, 'models/m3')
    }
  }
  process.stdout.write('\n21 commits\n')
  report('a folder of a million files', imported('million', million()), 'models', 2)
}

const [, , root, commit, folder] = process.argv
try {
  if (root === undefined || commit === undefined || folder === undefined) reportAll()
  else await measureHere(root, commit, folder)
} finally {
  rmSync(work, { recursive: true, force: true })
}
