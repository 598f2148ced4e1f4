export const commit = 'a'.repeat(40)
export const digest = `sha256:${'0'.repeat(64)}`
/** A bias audit of a model churn: two attributes and their intersection, which add up. */
export const frontMatter = `apiVersion: mlgitops.io/v1alpha1
kind: BiasAudit
model: { name: churn, version: "1.10" }
modelCommit: ${commit}
date: "2026-11-02"
auditor: { name: Lab, independent: true }
dataset: { name: holdout, rows: 240, kind: test, digest: "${digest}" }
attributes:
  - name: sex
    groups:
      - { name: a, n: 100, selected: 60, tp: 45, fp: 15, fn: 10, tn: 30, impact_ratio: 1 }
      - { name: b, n: 20, selected: 8, tp: 5, fp: 3, fn: 3, tn: 9 }
    metrics: { demographic_parity_difference: 0.2, demographic_parity_ratio: 0.66666667, equalized_odds_difference: 0.19318182, equalized_odds_ratio: 0.75 }
  - name: age
    groups:
      - { name: (missing), n: 2, selected: 0, tp: 0, fp: 0, fn: 1, tn: 1 }
    metrics: { demographic_parity_difference: 0, demographic_parity_ratio: null, equalized_odds_difference: 0, equalized_odds_ratio: null }
  - name: sex,age
    intersectionOf: [sex, age]
    groups:
      - { name: "a,young", n: 40, selected: 20, tp: 20, fp: 0, fn: 0, tn: 20 }
    metrics: { demographic_parity_difference: 0, demographic_parity_ratio: 1, equalized_odds_difference: 0, equalized_odds_ratio: 1 }
`
/** The same as Markdown, with prose that looks like a second document. */
export const audit = `---\n${frontMatter}---\n# Prose\n\n---\nanything: at: all\n`
