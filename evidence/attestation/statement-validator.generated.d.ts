import type { SchemaValidator } from '../schema-error.ts'

/** Checks a value against statement.schema.json. */
export declare const validateStatement: SchemaValidator
