import { type Failure, GatewayError } from '../../failure.ts';
import { isRecord } from '../../protocol/json.ts';

/** Where in a request or an answer a value stands: a translator refuses by it, and the refusal names it. */
export interface Place {
  /** A caller is told of their request's fault; an agent's answer is the agent's. */
  side: 'request' | 'answer';
  /** The member's name, or the place in a list. Only names that a translator knows: they reach the caller. */
  name?: string | number;
  parent?: Place;
}

export function within(parent: Place, name: string | number): Place {
  return { side: parent.side, name, parent };
}

/**
 * Refuses a value that cannot be translated.
 *
 * @throws GatewayError `parameter_invalid` for a request, `upstream_response_invalid` for an answer
 */
export function refuse(at: Place, problem: string): never {
  throw new GatewayError(failureOf(at, problem));
}

function failureOf(at: Place, problem: string): Failure {
  const path = pathOf(at);
  return at.side === 'request'
    ? { code: 'parameter_invalid', parameter: path === '' ? 'params' : path, problem }
    : { code: 'upstream_response_invalid', problem: `${path === '' ? 'result' : path} ${problem}` };
}

function pathOf({ name, parent }: Place): string {
  const before = parent === undefined ? '' : pathOf(parent);
  if (typeof name === 'number') return `${before}[${name}]`;
  return before === '' || name === undefined ? `${before}${name ?? ''}` : `${before}.${name}`;
}

export function objectAt(value: unknown, at: Place): Record<string, unknown> {
  return isRecord(value) ? value : refuse(at, 'is no object');
}

export function textAt(value: unknown, at: Place): string {
  return typeof value === 'string' ? value : refuse(at, 'is no text');
}

/** A translation of each item of a list. */
export function listOf<T>(
  item: (value: unknown, at: Place) => T,
): (value: unknown, at: Place) => readonly T[] {
  return (value, at) =>
    Array.isArray(value)
      ? value.map((one: unknown, index) => item(one, within(at, index)))
      : refuse(at, 'is no list');
}
