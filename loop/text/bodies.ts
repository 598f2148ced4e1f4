import { textRenderer } from '../../common/text-templates.ts'
import { templates } from './templates.generated.js'

const render = textRenderer(templates)

/** A row of a table: what a field is now and what it becomes. */
export interface ComparedRow {
  readonly name: string
  readonly before: string
  readonly after: string
}

/** What register-body.hbs shows. */
export interface RegisterBody {
  readonly rows: readonly { readonly name: string; readonly text: string }[]
  readonly trailer: string
}

/** What rollback-body.hbs shows. */
export interface RollbackBody {
  /** Empty if none is given. */
  readonly reason: string
  readonly rows: readonly ComparedRow[]
  /** Files that stay as they are. */
  readonly kept: readonly string[]
}

/** What promote-body.hbs shows. */
export interface PromoteBody {
  readonly rows: readonly ComparedRow[]
  readonly from: string
  /** Empty if there is none. */
  readonly verdict: string
  readonly isOtherData: boolean
}

/** The body of a pull request that registers a run. Values are escaped: they are shown as text, never as markup. */
export const registerText = (view: RegisterBody): string => render('register-body', view)

/** The body of a pull request that rolls back. */
export const rollbackText = (view: RollbackBody): string => render('rollback-body', view)

/** The body of a pull request that promotes. */
export const promoteText = (view: PromoteBody): string => render('promote-body', view)
