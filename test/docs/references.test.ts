import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'

const pages = globSync(['*.md', 'docs/**/*.md', 'manifests/**/*.md'])
const sources = globSync([
  '{analysis,bench,bin,common,evidence,manifests,plugin,scripts,service,test,webhook}/**/*.{ts,js,json,yaml,hbs,py}',
  '*.{js,json}',
  'Dockerfile',
  '.ci/*'
]).filter(file => !/generated\.js$|^test\/(golden|fixtures)\/|\.tap\//.test(file))

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}

/** The anchors of a page; a heading that is repeated has a number. */
function anchorsOf(page: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  const text = readFileSync(page, 'utf8').replaceAll(/^(```+)[^]*?^\1/gm, '')
  for (const [, heading = ''] of text.matchAll(/^#{1,6} +(.+)$/gm)) {
    const anchor = anchorOf(heading)
    const count = seen.get(anchor) ?? 0
    seen.set(anchor, count + 1)
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`)
  }
  return anchors
}

/** What is wrong with a reference from `file`; undefined for one that can be followed. */
function problemOf(target: string, anchor: string | undefined): string | undefined {
  if (!existsSync(target)) return `${target} does not exist`
  if (anchor === undefined || !target.endsWith('.md')) return undefined
  return anchorsOf(target).has(anchor) ? undefined : `${target} has no heading #${anchor}`
}

/** Relative links of a page, without code. */
function linksOf(page: string): readonly string[] {
  const text = readFileSync(page, 'utf8')
    .replaceAll(/^(```+)[^]*?^\1/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/^\[[^\]]+\]: (\S+)/gm)]
  return targets.map(([, target = '']) => target).filter(target => !/^[a-z]+:/.test(target))
}

t.test('every relative link of a page leads to a file and to a heading', t => {
  let links = 0
  const problems = pages.flatMap(page =>
    linksOf(page).flatMap(link => {
      links += 1
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? page : path.join(path.dirname(page), decodeURI(file))
      const problem = problemOf(target, anchor)
      return problem === undefined ? [] : [`${page}: ${problem}`]
    })
  )
  t.same(problems, [])
  t.ok(links > 50, `${links} links`)
  t.end()
})

/** Pages of this repository as code names them: `docs/flux.md`, `README.md`, `docs/webhook.md#recipes`. */
const named =
  /(?<![\w./$}-])((?:docs\/[\w./-]*|README|ARCHITECTURE|CONTRIBUTING|SECURITY|CHANGELOG)\.md)(#[\w-]+)?/g
/** A page without its folder, or a section of a text without a name. */
const bare = /(?<![\w./$}'"`*{,-])((?:facts\/)?[a-z][a-z-]+\.md)\b|\b(design section \d)/g

/** Files of other repositories, and files that examples and tests write. */
const foreign = new Set(['bias_audit.md', 'audit.md', 'envelope.md', 'protocol.md', 'functions-spec.md', 'docs/note.md'])

t.test('every page that pages, code, manifests and messages name exists', t => {
  let references = 0
  const problems = [...pages, ...sources].flatMap(source =>
    [...readFileSync(source, 'utf8').matchAll(named)].flatMap(([, target = '', anchor]) => {
      if (foreign.has(target)) return []
      references += 1
      const problem = problemOf(target, anchor?.slice(1))
      return problem === undefined ? [] : [`${source}: ${problem}`]
    })
  )
  t.same(problems, [])
  t.ok(references > 40, `${references} references`)
  t.end()
})

t.test('no comment names a text that is not in the repository', t => {
  const comments = /\/\*\*?[^]*?\*\/|\/\/ .*|^\s*# .*/gm
  const problems = sources.flatMap(source =>
    [...readFileSync(source, 'utf8').matchAll(comments)].flatMap(([comment]) =>
      [...comment.matchAll(bare)]
        .map(([found]) => found)
        .filter(found => !foreign.has(found))
        .map(found => `${source}: ${found}`)
    )
  )
  t.same(problems, [])
  t.end()
})

/** Variables of other programs. */
const foreignVariables = new Set(['NODE_COMPILE_CACHE', 'PEPR_FOLDER', 'ENVIRONMENT', 'VAULT_TOKEN'])

const rooms = 'analysis|bench|bin|common|evidence|manifests|plugin|scripts|service|test|webhook'
const span = new RegExp(`\`((?:${rooms})/[\\w./-]*\\w)/?\``, 'g')

t.test('every file and folder of the repository that a page names exists', t => {
  let files = 0
  const problems = pages.flatMap(page => {
    const text = readFileSync(page, 'utf8').replaceAll(/^(```+)[^]*?^\1/gm, '')
    return [...text.matchAll(span)].flatMap(([, file = '']) => {
      files += 1
      // Pages of evidence name tests without the folder.
      const exists = existsSync(file) || existsSync(path.join('test', file))
      return exists ? [] : [`${page}: ${file} does not exist`]
    })
  })
  t.same(problems, [])
  t.ok(files > 30, `${files} files`)
  t.end()
})

t.test('every fault code, metric and alert that a page names exists', t => {
  const code = globSync('{analysis,bin,common,evidence,plugin,service,webhook,manifests}/**/*.{ts,yaml}')
    .map(file => readFileSync(file, 'utf8'))
    .join('\n')
  const known = new Set(code.match(/[A-Z]+(?:_[A-Z]+)+|mlgitops_[a-z_]+|Mlgitops[A-Za-z]+/g))
  const problems = pages.flatMap(page =>
    [
      ...readFileSync(page, 'utf8').matchAll(
        /\[([A-Z]+(?:_[A-Z]+)+)\]|`([A-Z]+(?:_[A-Z]+)+)`|\b(mlgitops_[a-z_]+)\b|`(Mlgitops[A-Za-z]+)`/g
      )
    ]
      .map(([found]) => found.replaceAll(/[`[\]]/g, ''))
      .filter(name => !known.has(name) && !foreignVariables.has(name))
      .map(name => `${page}: ${name}`)
  )
  t.same(problems, [])
  t.end()
})

t.test('every log line that docs/operations.md quotes is written by the code', t => {
  const code = globSync('{analysis,plugin,service,webhook}/**/*.ts')
    .map(file => readFileSync(file, 'utf8'))
    .join('\n')
  const page = readFileSync('docs/operations.md', 'utf8').replaceAll(/\s+/g, ' ')
  const lines = [...page.matchAll(/\("([^"]+)"\)/g)].map(([, line = '']) => line)
  t.ok(lines.length > 1)
  for (const line of lines) t.ok(code.includes(line), line)
  t.end()
})
