import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { actionOf } from './decision.ts'
import type { Decision } from './decision.ts'
import type { PolicySets } from './policy/policies.ts'

/** What the webhook counts. */
export interface AdmissionMetrics {
  decided(decision: Decision, isDryRun: boolean): void
  /** `refused` is the number of policies that should be in force and are invalid. */
  policiesLoaded(sets: PolicySets, refused: number): void
  policiesRefused(): void
  evaluatorEnded(): void
}

/**
 * `mlgitops_admission_decisions_total{decision,dry_run}`,
 * `mlgitops_policy_violations_total{policy,rule,action}`, `mlgitops_policies_loaded{policy_set}`,
 * `mlgitops_policy_load_failures_total`, `mlgitops_policies_current` (0 while one is refused),
 * `mlgitops_cel_evaluators_ended_total`.
 */
export function admissionMetrics(registry: Registry): AdmissionMetrics {
  const registers = [registry]
  const count = countDecisions(registry)
  const violations = new Counter({
    name: 'mlgitops_policy_violations_total',
    help: 'Violations, by policy, rule and strongest action.',
    labelNames: ['policy', 'rule', 'action'],
    registers
  })
  const loaded = new Gauge({
    name: 'mlgitops_policies_loaded',
    help: 'Policies in force, by policy set. The default set has an empty name.',
    labelNames: ['policy_set'],
    registers
  })
  const failures = new Counter({
    name: 'mlgitops_policy_load_failures_total',
    help: 'Policy changes that were refused. The last good policies stayed in force.',
    registers
  })
  const current = new Gauge({
    name: 'mlgitops_policies_current',
    help: '1 while every policy is in force, 0 while a policy or a change to one is refused.',
    registers
  })
  const ended = new Counter({
    name: 'mlgitops_cel_evaluators_ended_total',
    help: 'CEL evaluator processes that used too much time or memory, or died.',
    registers
  })
  return {
    decided: (decision, isDryRun) => {
      const kind = decision.exemption === undefined ? decision.kind : 'exempt'
      count(kind, isDryRun)
      for (const violation of decision.violations) {
        const { policy, rule } = violation
        violations.inc({ policy, rule, action: actionOf(violation) })
      }
    },
    policiesLoaded: (sets, refused) => {
      current.set(refused === 0 ? 1 : 0)
      loaded.reset()
      // Zero is exported as well: an alert cannot see a missing series.
      loaded.set({ policy_set: '' }, 0)
      for (const [name, { policies }] of sets) loaded.set({ policy_set: name }, policies.length)
    },
    policiesRefused: () => {
      failures.inc()
      current.set(0)
    },
    evaluatorEnded: () => {
      ended.inc()
    }
  }
}

/** Counts decisions itself: prom-client builds a string of the labels for each increment. Exported on a scrape. */
function countDecisions(
  registry: Registry
): (decision: 'allowed' | 'denied' | 'exempt', isDryRun: boolean) => void {
  const untold = {
    allowed: { false: 0, true: 0 },
    denied: { false: 0, true: 0 },
    exempt: { false: 0, true: 0 }
  }
  new Counter({
    name: 'mlgitops_admission_decisions_total',
    help: 'Admission decisions: allowed, denied, or exempt when nothing was judged.',
    labelNames: ['decision', 'dry_run'],
    registers: [registry],
    collect() {
      for (const [decision, counts] of Object.entries(untold)) {
        for (const run of ['false', 'true'] as const) {
          // A series starts with its first decision.
          if (counts[run] > 0) this.inc({ decision, dry_run: run }, counts[run])
          counts[run] = 0
        }
      }
    }
  })
  return (decision, isDryRun) => {
    untold[decision][isDryRun ? 'true' : 'false'] += 1
  }
}
