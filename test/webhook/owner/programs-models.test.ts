import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { object, signed } from './made-by.ts'
import { image, made, pod } from './made-pods.ts'

const strange = 'spec.containers[0].command is no command that it has for this container'

t.test('KServe joins arguments of a runtime and a model, and fills in the name', async t => {
  const owner = signed(
    object('serving.kserve.io/v1beta1 InferenceService', 'churn', {
      spec: {
        predictor: {
          model: {
            modelFormat: { name: 'sklearn' },
            runtime: 'sklearn',
            storageUri: 'oci://registry.example.com/ml/model:1',
            args: ['--threads=2'],
            env: [{ name: 'A', value: 'b' }]
          }
        }
      }
    })
  )
  const runtime = object('serving.kserve.io/v1alpha1 ServingRuntime', 'sklearn', {
    spec: { containers: [{ name: 'kserve-container', image, args: ['--model_name={{.Name}}'] }] }
  })
  const serve = (args: readonly string[], more: readonly JsonObject[] = []) =>
    made(
      owner,
      {
        containers: [
          { name: 'kserve-container', image, args, env: [{ name: 'A', value: 'b' }] },
          ...more
        ]
      },
      { templates: [runtime] }
    )
  t.equal(await serve(['--model_name=churn', '--threads=2']), 'passes')
  t.equal(await serve(['--model_name=churn', '--threads=2', '--http_port', '8080']), 'passes')
  const refused = 'spec.containers[0].args is no command that it has for this container'
  t.equal(await serve(['--model_name=churn', '--threads=3']), refused)
  t.equal(await serve(['--model_name=churn', '--model_id=evil/hf']), refused)
  const modelCar = (script: string) => ({
    name: 'modelcar',
    image: 'registry.example.com/ml/model:1',
    args: ['sh', '-c', script]
  })
  const link = 'ln -sf /proc/$$/root/models /mnt/models && sleep infinity'
  t.equal(await serve([], [modelCar(link)]), 'passes', 'its image is the model')
  t.match(await serve([], [modelCar(`${link}; evil`)]), 'spec.containers[1].args is no command')
})

t.test('Spark runs the application of its owner, and executors', async t => {
  const owner = signed(
    object('sparkoperator.k8s.io/v1beta2 SparkApplication', 'features', {
      spec: {
        type: 'Python',
        image,
        mainApplicationFile: 'local:///app.py',
        arguments: ['--day', '1'],
        driver: { envVars: { MODE: 'full' } }
      }
    })
  )
  const driver = (...args: readonly string[]) =>
    made(
      owner,
      pod({
        name: 'spark-kubernetes-driver',
        args: [
          'driver',
          '--properties-file',
          '/opt/spark/conf/spark.properties',
          '--class',
          ...args
        ],
        env: [
          { name: 'SPARK_USER', value: 'root' },
          { name: 'MODE', value: 'full' }
        ]
      })
    )
  const runner = 'org.apache.spark.deploy.PythonRunner'
  t.equal(await driver(runner, 'local:///app.py', '--day', '1'), 'passes')
  const refused = 'spec.containers[0].args is no command that it has for this container'
  t.equal(await driver(runner, 'local:///evil.py', '--day', '1'), refused)
  t.equal(await driver(runner, 'local:///app.py', '--day', '2'), refused)
  t.equal(await driver('evil.Main', 'local:///app.py', '--day', '1'), refused)
  t.equal(await made(owner, pod({ args: ['executor'] })), 'passes')
})

t.test('Kubeflow Trainer writes the words of tune run, and what initializers download', async t => {
  const owner = signed(
    object('trainer.kubeflow.org/v1alpha1 TrainJob', 'tune', {
      spec: {
        runtimeRef: { name: 'torchtune' },
        initializer: { model: { storageUri: 'hf://org/model' } },
        trainer: { image, env: [{ name: 'A', value: 'b' }] }
      }
    })
  )
  const runtime = object('trainer.kubeflow.org/v1alpha1 ClusterTrainingRuntime', 'torchtune', {
    namespace: '',
    spec: { template: { containers: [{ name: 'node', image, command: ['tune', 'run'] }] } }
  })
  const node = (...command: readonly string[]) =>
    made(owner, pod({ name: 'node', command, env: [{ name: 'PET_NNODES', value: '2' }] }), {
      templates: [runtime]
    })
  const written = [
    '--rdzv_endpoint=a:29500',
    'full_finetune_distributed',
    '--config',
    'llama3_2/1B_full',
    'x.y=1'
  ]
  t.equal(await node('tune', 'run', ...written), 'passes')
  t.equal(await node('tune', 'run', ...written, 'evil'), strange)
  t.equal(await node('python', 'evil.py'), strange)
  const initializer = (value: string) =>
    made(owner, pod({ name: 'model-initializer', env: [{ name: 'STORAGE_URI', value }] }), {
      templates: [runtime]
    })
  t.equal(await initializer('hf://org/model'), 'passes')
  t.match(await initializer('hf://evil/model'), '(STORAGE_URI)')
})
