import type { SchemaValidator } from '../../evidence/schema-error.ts'

/** Checks a value against function-config.schema.json. */
export declare const validateFunctionConfig: SchemaValidator
