import { at, podOf } from './case.ts'
import type { OperatorCase } from './case.ts'

const ray = 'default:kuberay-operator'
const headGroup = {
  headGroupSpec: {
    rayStartParams: {},
    template: { spec: { containers: [{ name: 'head', image: at('ray'), args: ['train.py'] }] } }
  }
}

/** Operators that run clusters of their own: Ray and Spark. */
export const computeCases: readonly OperatorCase[] = [
  {
    components: ['kuberay'],
    owner: {
      type: 'ray.io/v1 RayJob',
      name: 'ray-job',
      spec: {
        entrypoint: 'python train.py',
        rayClusterSpec: {
          headGroupSpec: { rayStartParams: {}, template: { spec: podOf(at('ray')) } }
        }
      }
    },
    children: [
      {
        by: ray,
        type: 'ray.io/v1 RayCluster',
        name: 'ray-job-cluster',
        spec: { headGroupSpec: { rayStartParams: {}, template: { spec: podOf(at('ray')) } } }
      },
      { by: ray, type: 'v1 Pod', name: 'ray-job-head', spec: podOf(at('ray')) }
    ]
  },
  {
    components: ['kuberay'],
    owner: {
      type: 'ray.io/v1 RayService',
      name: 'ray-service',
      spec: { rayClusterConfig: headGroup }
    },
    children: [
      { by: ray, type: 'ray.io/v1 RayCluster', name: 'ray-service-cluster', spec: headGroup },
      {
        by: ray,
        type: 'v1 Pod',
        name: 'ray-service-head',
        spec: {
          containers: [
            {
              name: 'head',
              image: at('ray'),
              command: ['/bin/bash', '-c', '--'],
              args: ['ulimit -n 65536; ray start --head  --metrics-export-port=8080  &&  train.py ']
            }
          ]
        }
      }
    ]
  },
  {
    components: ['spark'],
    owner: {
      type: 'sparkoperator.k8s.io/v1alpha1 SparkConnect',
      name: 'connect',
      spec: { sparkVersion: '4.0.0', image: at('connect'), server: {}, executor: { instances: 1 } }
    },
    children: [
      {
        by: 'spark-operator:spark-operator-controller',
        type: 'v1 Pod',
        name: 'connect-server',
        spec: {
          containers: [
            {
              name: 'spark-kubernetes-driver',
              image: at('connect'),
              command: ['bash', '-c'],
              args: ['${SPARK_HOME}/sbin/start-connect-server.sh --master k8s://x']
            }
          ]
        }
      }
    ]
  },
  {
    components: ['spark'],
    owner: {
      type: 'sparkoperator.k8s.io/v1beta2 SparkApplication',
      name: 'features',
      spec: {
        type: 'Python',
        sparkVersion: '3.5.5',
        mode: 'cluster',
        image: at('spark'),
        mainApplicationFile: 'local:///opt/train.py',
        driver: {},
        executor: {}
      }
    },
    children: [
      {
        by: 'spark-operator:spark-operator-controller',
        type: 'v1 Pod',
        name: 'features-driver',
        spec: {
          containers: [
            {
              name: 'spark-kubernetes-driver',
              image: at('spark'),
              args: [
                ...['driver', '--properties-file', '/opt/spark/conf/spark.properties'],
                ...['--class', 'org.apache.spark.deploy.PythonRunner', 'local:///opt/train.py']
              ]
            }
          ]
        }
      },
      {
        by: 'default:spark-operator-spark',
        type: 'v1 Pod',
        name: 'features-exec-1',
        spec: podOf(at('spark'))
      }
    ]
  }
]
