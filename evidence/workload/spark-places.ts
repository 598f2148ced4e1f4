import { imageAnnotations } from './injectors.ts'
import type { OpaquePlace, WorkloadPlaces } from './kind.ts'
import { bound, remote } from './opaque-place.ts'

const roles = ['driver', 'executor'] as const

/** Keys of `sparkConf` that name an image (Spark: Running on Kubernetes, Configuration). */
const imageKeys = [
  'spark.kubernetes.container.image',
  ...roles.map(role => `spark.kubernetes.${role}.container.image`),
  // Spark writes these annotations on its pods.
  ...roles.flatMap(role =>
    imageAnnotations.map(name => `spark.kubernetes.${role}.annotation.${name}`)
  )
]

/** Keys of `sparkConf` that have Spark download code or data (Spark: Configuration). */
const downloadKeys = [
  'spark.jars',
  'spark.jars.packages',
  'spark.jars.repositories',
  'spark.jars.ivySettings',
  'spark.files',
  'spark.archives',
  'spark.submit.pyFiles',
  'spark.kubernetes.driver.podTemplateFile',
  'spark.kubernetes.executor.podTemplateFile'
]

/** A file within an image, for Spark. */
const inImage = 'local://'

function configuration(spec: string): OpaquePlace[] {
  return [
    {
      ...remote(
        `${spec}.sparkConf{${downloadKeys.join('|')}}`,
        'names code that is fetched at run time'
      ),
      inImage
    },
    bound(`${spec}.(sparkConf|hadoopConf)`, 'configures what runs')
  ]
}

/** An application of the Spark operator at `spec`. */
export function sparkApplication(spec: string): WorkloadPlaces {
  const role = `${spec}.(driver|executor)`
  return {
    podSpecs: [`${role}.template.spec`],
    containers: [`${role}.(initContainers|sidecars)[]`],
    volumes: [`${spec}.volumes`],
    images: [`${spec}.image`, `${role}.image`, `${spec}.sparkConf{${imageKeys.join('|')}}`],
    opaque: [
      { ...remote(`${spec}.mainApplicationFile`, 'is code that is fetched at run time'), inImage },
      {
        ...remote(`${spec}.deps`, 'names packages and files that are fetched at run time'),
        inImage
      },
      {
        ...remote(`${spec}.monitoring.prometheus.jmxExporterJar`, 'is code of every pod'),
        inImage: '/'
      },
      bound(`${spec}.(mainClass|arguments|proxyUser)`, 'decides what the application does'),
      bound(`${role}.(javaOptions|kubernetesMaster)`, 'decides what the application does'),
      bound(`${spec}.(sparkConfigMap|hadoopConfigMap)`, 'names settings of what runs'),
      ...configuration(spec)
    ]
  }
}

/** A Spark Connect server of the Spark operator. */
export function sparkConnect(): WorkloadPlaces {
  return {
    podSpecs: ['spec.(server|executor).template.spec'],
    images: ['spec.image', `spec.sparkConf{${imageKeys.join('|')}}`],
    opaque: configuration('spec')
  }
}
