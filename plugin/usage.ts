export { UsageError } from '../common/command.ts'
