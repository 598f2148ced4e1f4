import type { SchemaValidator } from '../../evidence/schema-error.ts'

/** Checks a value against training-result.schema.json. */
export declare const validateTrainingResult: SchemaValidator
