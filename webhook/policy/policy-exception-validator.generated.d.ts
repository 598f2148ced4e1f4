import type { SchemaValidator } from '../../evidence/schema-error.ts'

/** Checks a value against policy-exception.schema.json. */
export declare const validatePolicyException: SchemaValidator
