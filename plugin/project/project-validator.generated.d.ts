/** What one keyword of the schema found. */
export interface ValidationError {
  readonly instancePath: string
  readonly message?: string
  readonly params: { readonly additionalProperty?: string }
}

/** Whether a value fits project.schema.json; what does not fit is in `errors` until the next call. */
export declare const validateProject: {
  (value: unknown): boolean
  errors?: readonly ValidationError[] | null
}
