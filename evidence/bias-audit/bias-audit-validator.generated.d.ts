/** What one keyword of the schema found. */
export interface ValidationError {
  readonly instancePath: string
  readonly message?: string
  readonly params: { readonly additionalProperty?: string }
}

/** Whether a value fits bias-audit.schema.json; what does not fit is in `errors` until the next call. */
export declare const validateBiasAudit: {
  (value: unknown): boolean
  errors?: readonly ValidationError[] | null
}
