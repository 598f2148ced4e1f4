import t from 'tap'
import { parseImageReference } from '../../../evidence/image-reference.ts'
import { readOperators } from '../../../webhook/owner/operator.ts'
import { readServeOptions } from '../../../webhook/serve-options.ts'
import { serveUsage } from '../../../webhook/serve-options.ts'
import { UsageError } from '../../../common/command.ts'

const read = (given: Partial<Parameters<typeof readOperators>[0]>) =>
  readOperators({ operator: [], 'operator-images': [], controller: [], ...given })

/** What a wrong command line is answered with. */
function usageText(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return 'no fault'
}

t.test('An operator is compared with owners, or trusted in full as a controller is', t => {
  const { operators, controllers } = read({
    operator: ['argo:argo', 'kserve:kserve-controller-manager=full', 'a:twice', 'a:twice=full'],
    controller: ['admin@example.com']
  })
  t.same(
    operators.map(({ username }) => username),
    ['system:serviceaccount:argo:argo']
  )
  t.same(controllers, [
    'admin@example.com',
    'system:serviceaccount:kserve:kserve-controller-manager',
    'system:serviceaccount:a:twice'
  ])
  t.end()
})

t.test('Images of an operator: all below a path, a tag or a digest', t => {
  const digest = `sha256:${'a'.repeat(64)}`
  const { operators } = read({
    operator: ['argo:argo', 'b:b'],
    'operator-images': [
      'argo:argo=quay.io/argoproj/argoexec,docker.io/library/busybox:1.36',
      `argo:argo=ghcr.io/x/y@${digest}`
    ]
  })
  const adds = (image: string, at = 0) => {
    const parsed = parseImageReference(image)
    return parsed.kind === 'reference' && operators[at]?.adds(parsed.reference) === true
  }
  for (const image of [
    'quay.io/argoproj/argoexec:v3.6.5',
    'busybox:1.36',
    `ghcr.io/x/y:2@${digest}`
  ]) {
    t.equal(adds(image), true, image)
    t.equal(adds(image, 1), false, 'those of another operator')
  }
  for (const image of [
    'quay.io/argoproj/argoexec-evil:1',
    'busybox',
    'busybox:1.37',
    'ghcr.io/x/y:2'
  ]) {
    t.equal(adds(image), false, image)
  }
  t.end()
})

t.test('What is no account and no image is refused', t => {
  const wrong = (given: Partial<Parameters<typeof readOperators>[0]>) =>
    usageText(() => read(given))
  const text = '; for a user that is no service account use --controller'
  for (const operator of [
    'argo',
    'argo:',
    'a:b:c',
    'argo:argo=owner',
    'argo:argo=full=full',
    'A:b',
    '*:x'
  ]) {
    t.equal(
      wrong({ operator: [operator] }),
      `--operator must be NAMESPACE:ACCOUNT, NAMESPACE:ACCOUNT=images or NAMESPACE:ACCOUNT=full, found ${operator}${text}`
    )
  }
  for (const images of [
    'argo:argo',
    'argo:argo=',
    'argo:argo=busybox',
    'argo:argo=quay.io/A',
    '=quay.io/x'
  ]) {
    t.match(
      wrong({ operator: ['argo:argo'], 'operator-images': [images] }),
      `--operator-images must be NAMESPACE:ACCOUNT=IMAGE,..., found ${images}; `
    )
  }
  t.equal(
    wrong({ operator: ['argo:argo'], 'operator-images': ['a:b=quay.io/x'] }),
    '--operator-images names a:b, which no --operator names; add --operator a:b'
  )
  t.end()
})

t.test('The webhook takes them, and a cluster to read owners from', t => {
  const files = ['--tls-cert=c', '--tls-key=k', '--policies=p', '--kubeconfig=k']
  t.match(
    readServeOptions([...files, '--operator=argo:argo'])?.operators.operators[0]?.username,
    'system:serviceaccount:argo:argo'
  )
  t.match(
    usageText(() => readServeOptions(files)),
    /--kubeconfig is not needed/
  )
  t.match(serveUsage, '--operator NAMESPACE:ACCOUNT')
  t.end()
})
