import type { SchemaValidator } from '../schema-error.ts'

/** Checks a value against bias-audit.schema.json. */
export declare const validateBiasAudit: SchemaValidator
