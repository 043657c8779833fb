import { TemplateError } from '../template.ts';

/**
 * Whether an event is one that an event source mapping's filter lets through: the members it names are there, each with one
 * of the listed values. What else patterns can say (`prefix`, `anything-but`, numbers) is not evaluated here.
 *
 * @throws TemplateError for such a pattern
 */
export function matchesPattern(event: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    if (pattern.some((value) => typeof value === 'object' && value !== null))
      throw new TemplateError(`a filter of ${JSON.stringify(pattern)} is not emulated`);
    return pattern.includes(event);
  }
  if (typeof pattern !== 'object' || pattern === null)
    throw new TemplateError(`a filter of ${JSON.stringify(pattern)} is no pattern`);
  return Object.entries(pattern).every(([name, member]) => matchesPattern(memberOf(event, name), member));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
