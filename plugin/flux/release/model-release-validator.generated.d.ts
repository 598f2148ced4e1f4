import type { SchemaValidator } from '../../../evidence/schema-error.ts'

/** Checks a value against model-release.schema.json. */
export declare const validateModelRelease: SchemaValidator
