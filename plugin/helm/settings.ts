/** `helm:` of `mlgitops.yaml`. */
export interface HelmSettings {
  /** The chart's folder, relative to the application path. */
  readonly chart?: string
  readonly releaseName?: string
  readonly namespace?: string
  /** More value files, relative to the application path, after `values` and before `configs/`. */
  readonly valueFiles?: readonly string[]
  readonly skipTests?: boolean
  /** True where it is absent. */
  readonly includeCRDs?: boolean
  readonly apiVersions?: readonly string[]
  readonly kubeVersion?: string
  /** The values key of the built-in values, or `none`. */
  readonly builtIns?: string
}

/** The values key of the built-in values where `helm.builtIns` is absent. */
export const defaultBuiltInsKey = 'mlgitops'

/** The values key of the built-in values; undefined where the chart does not get them. */
export function builtInsKey({ builtIns = defaultBuiltInsKey }: HelmSettings): string | undefined {
  return builtIns === 'none' ? undefined : builtIns
}
