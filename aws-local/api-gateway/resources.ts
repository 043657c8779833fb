import type { Method, Resource } from './model.ts';

export interface Match {
  resource: Resource;
  pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the resource of a path: a literal part before `{name}` before `{name+}`, trying the next kind where one leads
 * nowhere. Parts are compared and handed on as they were received, never decoded; one slash at the end does not count.
 * Whether API Gateway does the same with odd spellings is not documented.
 */
export function matchResource(root: Resource, path: string): Match | undefined {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  const parts = trimmed === '/' ? [] : trimmed.slice(1).split('/');
  return descend(root, parts, path.slice(1));
}

function descend(resource: Resource, parts: readonly string[], rest: string): Match | undefined {
  const [part, ...others] = parts;
  if (part === undefined) return { resource, pathParameters: {} };
  const remaining = rest.slice(part.length + 1);
  for (const child of resource.children) {
    if (child.part !== part || child.part.startsWith('{')) continue;
    const found = descend(child, others, remaining);
    if (found !== undefined) return found;
  }
  for (const child of resource.children) {
    if (!/^\{[^+}]+\}$/.test(child.part) || part === '') continue;
    const found = descend(child, others, remaining);
    const name = child.part.slice(1, -1);
    if (found !== undefined) return { ...found, pathParameters: { [name]: part, ...found.pathParameters } };
  }
  const greedy = resource.children.find((child) => child.part.endsWith('+}'));
  if (greedy === undefined || rest === '') return undefined;
  return { resource: greedy, pathParameters: { [greedy.part.slice(1, -2)]: rest } };
}

/** The method for a verb; `ANY` takes all that have none of their own. */
export function methodFor(resource: Resource, verb: string): Method | undefined {
  return resource.methods.get(verb) ?? resource.methods.get('ANY');
}
