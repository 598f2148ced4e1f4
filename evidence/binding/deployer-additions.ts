import type { Place } from './place.ts'

/**
 * Whether a deployer adds this to the metadata of a template: `kubectl rollout restart`, or Argo CD with
 * its oldest tracking label (`applications.argoproj.io/app-name`; the others are only on the object).
 */
export function isDeployerAddition({ key, parent }: Place): boolean {
  if (parent?.parent?.key !== 'metadata') return false
  return (
    (parent.key === 'annotations' && key === 'kubectl.kubernetes.io/restartedAt') ||
    (parent.key === 'labels' && key === 'applications.argoproj.io/app-name')
  )
}
