import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { peersFolder } from '../e2e/peers/peer.ts'
import { configMap, objects, TestRepository } from './repository.ts'

/** Every helm that is here: the one on the PATH, and those that `npm run peers` builds. */
const helms = [
  ...(process.env.PATH ?? '').split(path.delimiter).map(folder => path.join(folder, 'helm')),
  ...['helm', 'helm4'].map(name => path.join(peersFolder(process.env), name))
]
  .filter(file => existsSync(file))
  .map(file => realpathSync(file))

/** A repository with a chart. */
export class ChartRepository extends TestRepository {
  /** Runs the helm on the PATH. */
  helm(...args: readonly string[]): void {
    const env = { PATH: process.env.PATH, HOME: this.folder }
    execFileSync('helm', args, { cwd: this.folder, env, stdio: 'pipe' })
  }
}

/** A Chart.yaml. */
export const chart = 'apiVersion: v2\nname: churn\nversion: 0.1.0\n'
/** A template of a ConfigMap that has the release's name. */
export const template = (data: string) => configMap(data, '{{ .Release.Name }}')

/** Runs a test with a repository of these files, once for each helm. */
export function withHelm(
  name: string,
  files: Readonly<Record<string, string>>,
  check: (t: Test, repository: ChartRepository) => Promise<void>
): void {
  if (helms.length === 0) {
    t.test(name, { skip: 'no helm on the PATH and none built by npm run peers' }, () => undefined)
    return
  }
  for (const helm of new Set(helms)) {
    t.test(`${name} (${path.basename(helm)})`, async t => {
      const tools = mkdtempSync(path.join(tmpdir(), 'mlgitops-helm-'))
      symlinkSync(helm, path.join(tools, 'helm'))
      const before = process.env.PATH
      process.env.PATH = [tools, before].join(path.delimiter)
      const repository = new ChartRepository(files)
      t.teardown(() => {
        process.env.PATH = before
        rmSync(tools, { recursive: true })
        repository.remove()
      })
      await check(t, repository)
    })
  }
}

/** The data of each ConfigMap that a render printed. */
export const dataOf = (stdout: string) => objects(stdout).map(({ data }) => data)
