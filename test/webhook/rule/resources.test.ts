import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { judge } from '../judged.ts'

t.test('Rule resources: steps of Tekton have what their template or their run gives', t => {
  const rule = { resources: { requests: ['cpu'] } }
  const fields = (kind: string, spec: JsonObject) =>
    judge(rule, { apiVersion: 'tekton.dev/v1', kind, metadata: { name: 'x' }, spec }).map(
      line => line.split(': ')[0]
    )
  const computeResources = { requests: { cpu: 1 } }
  const steps = [{ name: 'a' }, { name: 'b', image: 'y' }, { name: 'c', ref: { name: 'z' } }]
  const template = { image: 'x', computeResources }
  t.same(fields('Task', { stepTemplate: template, steps }), [])
  t.same(fields('Task', { stepTemplate: { image: 'x' }, steps }), [
    'spec.steps[1].computeResources.requests.cpu',
    'spec.steps[0].computeResources.requests.cpu'
  ])
  t.same(fields('TaskRun', { taskSpec: { steps }, computeResources }), [])
  t.same(fields('TaskRun', { taskSpec: { stepTemplate: template, steps } }), [])
  t.end()
})

t.test('Rule resources: cores and memory of Spark', t => {
  const rule = { resources: { requests: ['cpu', 'memory'], limits: ['memory'] } }
  const apiVersion = 'sparkoperator.k8s.io/v1beta2'
  const said = (spec: JsonObject, kind = 'SparkApplication') =>
    judge(rule, { apiVersion, kind, metadata: { name: 'x' }, spec }).map(line =>
      line.replace(/: the container|; allowed: a quantity above 0/g, '')
    )
  const executor = { cores: 2, memory: '4g' }
  t.same(said({ image: 'x', driver: { coreRequest: '500m', memory: '512mb' }, executor }), [])
  t.same(said({ image: 'x', driver: { cores: 0, memory: '4x' }, executor }), [
    'spec.driver.cores has no cpu in its requests; fix: set cores',
    'spec.driver.memory has no memory in its requests; fix: set memory',
    'spec.driver.memory has no memory in its limits; fix: set memory'
  ])
  const sparkConf = { 'spark.driver.cores': '1', 'spark.driver.memory': '1g' }
  t.same(said({ sparkConf, driver: {}, executor }), [], 'settings of Spark')
  t.same(
    said({ template: { driver: { image: 'x' }, executor } }, 'ScheduledSparkApplication').length,
    3
  )
  const template = (...containers: JsonObject[]) => ({ template: { spec: { containers } } })
  t.same(said({ driver: executor, executor: { ...executor, ...template({ image: 'x' }) } }), [])
  t.same(
    said({ driver: executor, executor: { ...executor, ...template({}, { image: 'x' }) } }).length,
    3
  )
  t.same(
    said({ server: { sidecars: [{ image: 'x' }], ...executor } }).length,
    0,
    'no member of a server'
  )
  t.same(said({ driver: { sidecars: [{ image: 'x' }], ...executor } }).length, 3)
  t.end()
})

t.test('Rule resources: a compiled pipeline has names of its own', t => {
  const rule = { resources: { requests: ['cpu'], limits: ['memory'] } }
  const said = (resources: JsonObject) => {
    const executors = { train: { container: { image: 'x', resources } } }
    const spec = { pipelineSpec: { deploymentSpec: { executors } } }
    const apiVersion = 'pipelines.kubeflow.org/v2beta1'
    return judge(rule, { apiVersion, kind: 'PipelineVersion', metadata: { name: 'x' }, spec })
  }
  t.same(said({ resourceCpuRequest: '500m', memoryLimit: 4 }), [])
  const place = 'spec.pipelineSpec.deploymentSpec.executors[train].container.resources'
  t.same(said({}), [
    `${place}.resourceCpuRequest: the container has no cpu in its requests; allowed: a quantity above 0; fix: set resourceCpuRequest`,
    `${place}.resourceMemoryLimit: the container has no memory in its limits; allowed: a quantity above 0; fix: set resourceMemoryLimit`
  ])
  t.end()
})
