import { spawnSync } from 'node:child_process'
import t from 'tap'
import { kustomizeReason } from '../../plugin/kustomize/reason.ts'
import { configMap, render, TestRepository } from './repository.ts'

const reason = (stderr: string) => kustomizeReason(stderr, '/tmp/.mlgitops-x', file => `<${file}>`)

t.test('the reason is whole, without the log header, and with our file names', t => {
  t.equal(
    reason(
      'E1130 19:26:45.959704   18283 run.go:72] "command failed" err=<\n\ttrouble configuring builtin PatchTransformer with config: `\n\tpatch: "x"\n\t`: unable to parse\n >\n'
    ),
    'trouble configuring builtin PatchTransformer with config: `\npatch: "x"\n`: unable to parse'
  )
  t.equal(
    reason(
      'E1130 19:26:45.959704   18283 run.go:72] "command failed" err="unknown field \\"n\\""\n'
    ),
    'unknown field "n"'
  )
  t.equal(
    reason(
      '# Warning: \'bases\' is deprecated.\nE1130 19:26:45.9 1 run.go:72] "command failed" err="a"\n'
    ),
    "# Warning: 'bases' is deprecated.\na"
  )
  t.equal(
    reason(
      "Error: accumulating resources from '../b': '/tmp/.mlgitops-x/a/b' must resolve\nsecond line of /tmp/.mlgitops-x: no\n"
    ),
    "accumulating resources from '../b': '<a/b>' must resolve\nsecond line of <.>: no"
  )
  t.equal(reason('error: x'), 'x')
  t.equal(reason(`Error: ${'x'.repeat(10_000)}`).length, 3_000)
  t.end()
})

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

t.test('every line of the real reason is shown', { skip: !hasKubectl && 'no kubectl' }, async t => {
  const cases: readonly [string, string, readonly (string | RegExp)[]][] = [
    ['an unknown field', 'nope: 1', ['unknown field "nope"']],
    [
      'a file that is not there',
      'resources: [x.yaml, nope.yaml]',
      [/a\/nope\.yaml: cannot be read/]
    ],
    [
      'a patch without a target',
      'resources: [x.yaml]\npatches: [{patch: "{apiVersion: v1, kind: Pod, metadata: {name: z}}"}]',
      [/no resource matches strategic merge patch "Pod\.v1\.\[noGrp\]\/z\.\[noNs\]"/]
    ],
    [
      'a patch of several lines',
      'resources: [x.yaml]\npatches:\n  - patch: |\n      first: line\n      second: line',
      [/first: line/, /second: line/, /unable to parse|must have|missing/]
    ]
  ]
  for (const [name, kustomization, expected] of cases) {
    const repository = new TestRepository({
      'a/kustomization.yaml': `${kustomization}\n`,
      'a/x.yaml': configMap('v: 1')
    })
    const { stdout, stderr, exitCode } = await render(repository.folder, 'a')
    repository.remove()
    t.equal(exitCode, 1, name)
    t.equal(stdout, '', name)
    for (const text of expected) t.match(stderr, text, name)
    t.notMatch(stderr, /E\d{4} |err=/, name)
    t.notMatch(stderr, /\/\.mlgitops-/, name)
  }
})
