import { stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/** The members of an artifact of Argo Workflows that say where it is. */
export const artifactLocations = '(s3|gcs|oss|azure|hdfs|http|artifactory|git|raw|plugin)'

/**
 * Returns the URI of a location of Argo Workflows; undefined if it does not tell it by itself: without a
 * bucket it is in the workflow's artifact repository.
 *
 * @param location one of {@link artifactLocations}
 */
export function artifactUri(location: string, value: JsonValue): string | undefined {
  const part = (name: string) => stringMember(value, name) ?? ''
  switch (location) {
    case 's3':
      return joined('s3:/', part('bucket'), part('key'))
    case 'gcs':
      return joined('gs:/', part('bucket'), part('key'))
    case 'oss':
      return joined('oss:/', part('bucket'), part('key'))
    case 'azure':
      return joined(part('endpoint'), part('container'), part('blob'))
    case 'http':
    case 'artifactory':
      return joined(part('url'))
    default:
      return undefined
  }
}

function joined(...parts: readonly string[]): string | undefined {
  return parts.includes('') ? undefined : parts.join('/')
}
