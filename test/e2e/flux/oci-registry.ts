import { createHash } from 'node:crypto'
import { serveOnLoopback } from '../rig/loopback-server.ts'
import type { Machine } from '../rig/machine.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** An artifact in the form of `flux push artifact`. */
export interface OciArtifact {
  /** A tar.gz. */
  readonly layer: Buffer
  readonly annotations: Readonly<Record<string, string>>
}

/**
 * Serves a registry with one artifact and the endpoints of a pull (OCI distribution specification 1.1,
 * end-1 to end-3), and the layer at `/layer.tar.gz`.
 *
 * @returns host and port
 */
export async function serveOci(
  machine: Machine,
  { layer, annotations }: OciArtifact
): Promise<string> {
  const config = Buffer.from('{}')
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describe('application/vnd.cncf.flux.config.v1+json', config),
      layers: [describe('application/vnd.cncf.flux.content.v1.tar+gzip', layer)],
      annotations
    })
  )
  const blobs = new Map([config, layer, manifest].map(blob => [digestOf(blob), blob]))
  const registry = await serveOnLoopback(machine, ({ method, url = '' }, response) => {
    const wanted = url.slice(url.lastIndexOf('/') + 1)
    const isManifest = url.includes('/manifests/')
    const blob =
      url === '/layer.tar.gz' ? layer : wanted === 'latest' ? manifest : blobs.get(wanted)
    if (url === '/v2/') return response.writeHead(200).end()
    if (blob === undefined) return response.writeHead(404).end()
    response.writeHead(200, {
      'Content-Type': isManifest ? manifestType : 'application/octet-stream',
      'Content-Length': blob.length,
      'Docker-Content-Digest': digestOf(blob)
    })
    return response.end(method === 'HEAD' ? undefined : blob)
  })
  return registry.slice('http://'.length)
}

function describe(mediaType: string, blob: Buffer) {
  return { mediaType, size: blob.length, digest: digestOf(blob) }
}

export function digestOf(blob: Buffer): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`
}
