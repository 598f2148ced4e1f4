import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync
} from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
const builds = path.join(root, '.tap/builds')
const inputs = ['!(bench|coverage|dist|docs|node_modules|test)/**/*.*', 'package*.json']

/**
 * Puts the built program, of the sources as they are, into a folder. Several test files need it, and a build
 * takes two seconds of processor time, so a build of equal sources by the same Node is used again. With
 * coverage each is new, as what the build runs counts.
 */
export function buildInto(folder: string): void {
  if (process.env._TAPJS_PROCESSINFO_COVERAGE_ === '1') {
    build(folder)
    return
  }
  const cached = path.join(builds, digestOfInputs())
  if (!existsSync(cached)) {
    for (const old of globSync(path.join(builds, '*')))
      rmSync(old, { recursive: true, force: true })
    mkdirSync(builds, { recursive: true })
    const fresh = mkdtempSync(path.join(root, '.tap/build-'))
    build(fresh)
    try {
      renameSync(fresh, cached)
    } catch {
      // Another test file was faster; without its build, the copy below fails.
      rmSync(fresh, { recursive: true })
    }
  }
  cpSync(cached, folder, { recursive: true })
}

/** @throws the error of the build, with its messages */
function build(folder: string): void {
  execFileSync(process.execPath, ['scripts/build.ts', folder], { cwd: root, stdio: 'pipe' })
}

function digestOfInputs(): string {
  const digest = createHash('sha256').update(process.version)
  const files = globSync(inputs, { cwd: root, withFileTypes: true }).filter(file => file.isFile())
  for (const name of files.map(file => path.join(file.parentPath, file.name)).sort()) {
    digest
      .update(`${path.relative(root, name)}\0`)
      .update(readFileSync(name))
      .update('\0')
  }
  return digest.digest('hex')
}
