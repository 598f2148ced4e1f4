import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { generatedFiles } from '../../scripts/generate.ts'

t.test('.gitattributes marks every generated file', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-attributes-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  spawnSync('git', ['init', '--quiet', folder])
  copyFileSync('.gitattributes', path.join(folder, '.gitattributes'))
  const marked = (files: readonly string[]) => {
    const args = ['-C', folder, 'check-attr', 'linguist-generated', '--', ...files]
    return spawnSync('git', args, { encoding: 'utf8' }).stdout.trimEnd().split('\n')
  }
  const files = [...(await generatedFiles()).keys(), 'package-lock.json']
  t.same(
    marked(files),
    files.map(file => `${file}: linguist-generated: set`)
  )
  t.same(marked(['docs/plugin.md']), ['docs/plugin.md: linguist-generated: unspecified'])
})

t.test('docs/decisions/README.md lists every decision by its title', t => {
  const index = readFileSync('docs/decisions/README.md', 'utf8')
  const files = readdirSync('docs/decisions').filter(file => /^\d{4}-[a-z0-9-]+\.md$/.test(file))
  for (const file of files) {
    const page = readFileSync(`docs/decisions/${file}`, 'utf8')
    const [, number = '', title = ''] = /^# (\d{4})\. (.+)$/m.exec(page) ?? []
    t.equal(number, file.slice(0, 4), `${file}: the heading is "# NNNN. Title"`)
    t.ok(index.includes(`| [${number}](${file}) | ${title} |`), `${file} is in the index`)
    for (const section of ['Status', 'Context', 'Decision', 'Consequences', 'When to look again']) {
      t.match(page, new RegExp(`^## ${section}$`, 'm'), `${file}: ${section}`)
    }
  }
  t.equal(files.length, readdirSync('docs/decisions').length - 1, 'nothing but decisions is there')
  t.end()
})
