import type { SchemaValidator } from '../../evidence/schema-error.ts'

/** Checks a value against model-policy.schema.json. */
export declare const validateModelPolicy: SchemaValidator
