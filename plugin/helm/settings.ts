/** The section `helm` of `mlgitops.yaml`. */
export interface HelmSettings {
  /** The folder of the chart, relative to the application path. */
  readonly chart?: string
  readonly releaseName?: string
  readonly namespace?: string
  /** Additional value files, relative to the application path, after `values` and before `configs/`. */
  readonly valueFiles?: readonly string[]
  readonly skipTests?: boolean
  /** Defaults to true. */
  readonly includeCRDs?: boolean
  readonly apiVersions?: readonly string[]
  readonly kubeVersion?: string
  /** The values key of the built-in values, or `none`. */
  readonly builtIns?: string
}

/** The default of `helm.builtIns`. */
export const defaultBuiltInsKey = 'mlgitops'

/** The values key of the built-in values; undefined if the chart does not get them. */
export function builtInsKey({ builtIns = defaultBuiltInsKey }: HelmSettings): string | undefined {
  return builtIns === 'none' ? undefined : builtIns
}
