import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { run } from '../../../bin/run.ts'

/** A policy that asks for the label `team`; by `action`, and for the kinds that are named. */
export const policy = (action = 'Deny', name = 'need-team', kinds = '["*"]'): string => `---
apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: { name: ${name} }
spec:
  validationActions: [${action}]
  matchConstraints: { kinds: [{ apiGroups: ["*"], kinds: ${kinds} }] }
  rules: [{ labels: { required: [{ key: team }] } }]
`

/** A policy that asks for images of one registry. */
export const registryPolicy = `---
apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: { name: registry }
spec:
  validationActions: [Warn, Audit]
  rules: [{ name: from-ours, images: { registries: [registry.example.com] } }]
`

/** A ConfigMap, with a team or without one. */
export const configMap = (name: string, team?: string): string => `---
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: ml
${team === undefined ? '' : `  labels: { team: ${team} }\n`}`

/** A Deployment without a team, from another registry. */
export const deployment = `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: ml }
spec:
  template:
    spec:
      containers: [{ name: web, image: "nginx:1" }]
`

/** Files in a temporary folder, and `mlgitops check` run in it. */
export class TestFolder {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-check-'))

  constructor(files: Readonly<Record<string, string>>) {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.dirname(this.path(file)), { recursive: true })
      writeFileSync(this.path(file), content)
    }
  }

  path(file: string): string {
    return path.join(this.folder, file)
  }

  check(...args: readonly string[]) {
    return run({ args: ['check', ...args], env: {}, folder: this.folder })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
