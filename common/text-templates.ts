import type Handlebars from 'handlebars'
import untyped from 'handlebars/runtime.js'

/** Its types are those of the whole package, whose compiler it does not have. */
const runtime = untyped as unknown as Omit<
  typeof Handlebars,
  'compile' | 'precompile' | 'parse' | 'parseWithoutProcessing'
>

/** Renders one of a set of templates with what it shows. */
export type TextRenderer<Name extends string> = (template: Name, view: object) => string

/**
 * Renders texts for people from Handlebars templates that the build has precompiled: values are escaped
 * for HTML, only members of the view's own objects are read, and the templates are each other's partials.
 * The Handlebars compiler is not loaded. Where it is used and where not:
 * docs/decisions/0012-handlebars.md.
 *
 * @param templates what `npm run generate` writes from the `.hbs` files of a folder, by file name
 * @returns a function that throws where a template reads a member that its view does not have
 */
export function textRenderer<Name extends string>(
  templates: Readonly<Record<Name, object>>
): TextRenderer<Name> {
  const handlebars = runtime.create()
  requireArguments(handlebars)
  const names = Object.keys(templates) as Name[]
  const partials = Object.fromEntries(
    names.map(name => [name, handlebars.template(templates[name])])
  ) as Record<Name, HandlebarsTemplateDelegate>
  return (template, view) => partials[template](view, { partials, ...ownMembersOnly })
}

const ownMembersOnly = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false }

/** Handlebars' strict mode does not cover what `if` and `each` are given: `{{#if typo}}` would be false. */
function requireArguments(handlebars: ReturnType<typeof runtime.create>): void {
  for (const name of ['if', 'each']) {
    const builtIn = handlebars.helpers[name]
    handlebars.registerHelper(name, function (this: unknown, ...given: unknown[]): unknown {
      if (given[0] === undefined) throw new Error(`{{#${name}}} has no value`)
      return builtIn?.apply(this, given as Parameters<typeof builtIn>)
    })
  }
}
