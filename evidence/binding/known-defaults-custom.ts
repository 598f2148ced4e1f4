import type { JsonValue } from '../../common/json.ts'

/** Defaults of a pod's parts in CRDs that embed them, by the member that holds the value. */
export const embeddedDefaults: Readonly<Record<string, Readonly<Record<string, JsonValue>>>> = {
  ports: { protocol: 'TCP' },
  fileKeyRef: { optional: false },
  azureDisk: { fsType: 'ext4', readOnly: false },
  iscsi: { iscsiInterface: 'default' },
  rbd: { keyring: '/etc/ceph/keyring', pool: 'rbd', user: 'admin' },
  scaleIO: { fsType: 'xfs', storageMode: 'ThinProvisioned' }
}
