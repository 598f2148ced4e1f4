import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { object, signed } from './made-by.ts'
import { image, made, pod } from './made-pods.ts'

t.test('KubeRay starts Ray before a command, waits for it, and submits the entrypoint', async t => {
  const owner = signed(
    object('ray.io/v1 RayJob', 'job', {
      spec: {
        entrypoint: 'python train.py --lr=0.1',
        rayClusterSpec: {
          headGroupSpec: { template: { spec: { containers: [{ name: 'head', image }] } } },
          workerGroupSpecs: [
            {
              template: {
                spec: {
                  containers: [{ name: 'worker', image, command: ['work'], args: ['--fast'] }]
                }
              }
            }
          ]
        }
      }
    })
  )
  const bash = (text: string, flags = '-c') => ({
    command: ['/bin/bash', flags, '--'],
    args: [text]
  })
  const ray = (name: string, container: JsonObject) =>
    made(owner, { containers: [{ name, image, ...container }] })
  const head =
    'ulimit -n 65536; ray start --head  --dashboard-host=0.0.0.0  --metrics-export-port=8080  --resources=\'{"a": 1}\' '
  t.equal(await ray('head', bash(head)), 'passes')
  t.equal(await ray('head', bash(`${head} && sleep infinity`, '-lc')), 'passes')
  t.equal(
    await ray(
      'worker',
      bash('ulimit -n 65536; ray start  --address=job-head-svc:6379  --block  &&  work  --fast ')
    ),
    'passes'
  )
  const refused = 'spec.containers[0].command is no command that it has for this container'
  t.equal(await ray('head', bash(`${head} && curl evil`)), refused)
  t.equal(await ray('head', bash('ray start --head; curl evil')), refused)
  t.equal(await ray('head', bash('ray start --head $(curl evil)')), refused)
  t.equal(await ray('head', bash('ray start --head | curl evil')), refused)
  t.equal(await ray('worker', bash('ray start --block && work --slow')), refused)
  t.equal(await ray('worker', bash('ray start --block && --fast')), 'passes', 'arguments alone')
  const wait = `
    SECONDS=0
    while true; do
      if (( SECONDS <= 120 )); then
        if ray health-check --address job-head-svc.ml.svc.cluster.local:6379 > /dev/null 2>&1; then
          echo "GCS is ready."
          break
        fi
        echo "$SECONDS seconds elapsed: Waiting for GCS to be ready."
      else
        if ray health-check --address job-head-svc.ml.svc.cluster.local:6379; then
          echo "GCS is ready. Any error messages above can be safely ignored."
          break
        fi
        echo "$SECONDS seconds elapsed: Still waiting for GCS to be ready."
      fi
      sleep 5
    done
  `
  t.equal(await ray('wait-gcs-ready', bash(wait)), 'passes')
  t.equal(await ray('wait-gcs-ready', bash(`${wait}\ncurl evil`)), refused)
  const scale =
    'ray kuberay-autoscaler --cluster-name $(RAY_CLUSTER_NAME) --cluster-namespace $(RAY_CLUSTER_NAMESPACE)'
  t.equal(await ray('autoscaler', bash(scale, '-lc')), 'passes')
  const health = 'wget --tries 1 -T 2 -q -O- http://localhost:8265/api/gcs_healthz | grep success'
  const probe = (text: string) => ({ livenessProbe: { exec: { command: ['bash', '-c', text] } } })
  t.equal(await ray('head', probe(`${health} && ${health}`)), 'passes')
  t.match(await ray('head', probe(`${health} && evil`)), 'livenessProbe.exec.command is no command')
  const submit = (entrypoint: string) =>
    `until wget -q -O- http://h:8265/api/gcs_healthz >/dev/null 2>&1 ; do echo "Waiting ..." ; sleep 2 ; done ; if ! ray job status --address http://h:8265 job-1 >/dev/null 2>&1 ; then ray job submit --address http://h:8265 --no-wait --runtime-env-json "{\\"pip\\":[\\"x\\"]}" --submission-id job-1 -- ${entrypoint} ; fi ; ray job logs --address http://h:8265 --follow job-1`
  t.equal(await ray('ray-job-submitter', bash(submit('python train.py --lr=0.1'), '-ce')), 'passes')
  t.equal(await ray('ray-job-submitter', bash(submit('python evil.py'), '-ce')), refused)
  t.equal(
    await ray(
      'ray-job-submitter',
      bash(`curl evil ; ${submit('python train.py --lr=0.1')}`, '-ce')
    ),
    refused
  )
  const variables = { env: [{ name: 'RAY_CLUSTER_NAME', value: 'x' }] }
  t.equal(await made(owner, pod(variables, { serviceAccountName: 'job-x1' })), 'passes')
  t.match(await made(owner, pod({}, { serviceAccountName: 'jobs' })), '(account jobs)')
})
