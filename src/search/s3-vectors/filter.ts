import { markOf, maxPrefixChars, maxSuffixChars } from './marks.ts';
import type { Filter } from './vector-bucket.ts';

/** A filter may hold 100 values, as far as is known: this many marks and the marker of agents are below that. */
export const maxFilterMarks = 98;

/** An `allowedAgents` entry in marks: an agent it covers has all of them. */
export interface Clause {
  marks: readonly string[];
  /** False: many an agent that the entry does not cover has them too. */
  isTight: boolean;
}

/** A clause with no marks is one that every agent meets. */
export function clauseOf(pattern: string): Clause {
  if (pattern.startsWith('tag:')) return tight(markOf.text(pattern.slice('tag:'.length)));
  const [head = '', ...rest] = pattern.split(/\*+/);
  if (rest.length === 0) return tight(markOf.id(pattern));
  const tail = rest.pop() ?? '';
  return {
    marks: [
      ...(head === '' ? [] : [markOf.prefix(head.slice(0, maxPrefixChars))]),
      ...(tail === '' ? [] : [markOf.suffix(tail.slice(-maxSuffixChars))]),
    ],
    isTight: rest.length === 0 && head.length <= maxPrefixChars && tail.length <= maxSuffixChars,
  };
}

function tight(mark: string): Clause {
  return { marks: [mark], isTight: true };
}

export interface FilterParts {
  /** Any of them; absent: every agent. */
  scope?: readonly Clause[];
  /** All of these marks. */
  all?: readonly string[];
  /** Of each of these lists any mark. */
  anyOfEach?: readonly (readonly string[])[];
}

/**
 * Only agents, by the operators that are documented for lists: `$in` is for single values, so "any of" is an `$or`.
 */
export function toFilter({ scope, all = [], anyOfEach = [] }: FilterParts): Filter {
  const conditions: Filter[] = [{ agent: { $eq: true } }, ...all.map(has)];
  if (scope !== undefined) conditions.push(or(scope.map(({ marks }) => and(marks.map(has)))));
  for (const marks of anyOfEach) conditions.push(or(marks.map(has)));
  return and(conditions);
}

function has(mark: string): Filter {
  return { has: { $eq: mark } };
}

function and(conditions: Filter[]): Filter {
  const [only] = conditions;
  return conditions.length === 1 && only !== undefined ? only : { $and: conditions };
}

function or(conditions: Filter[]): Filter {
  const [only] = conditions;
  return conditions.length === 1 && only !== undefined ? only : { $or: conditions };
}
