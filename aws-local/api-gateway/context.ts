/** The `$context` of one request by the names AWS gives its variables, filled as they become known. */
export type Context = Map<string, string>;

const variable = /\$context\.([A-Za-z_]\w*(?:\.[A-Za-z_][\w-]*)*)/g;

/** Puts variables in; those without a value are `absent`. */
export function substitute(template: string, context: Context, absent: string): string {
  return template.replace(variable, (_, name: string) => context.get(name) ?? absent);
}
