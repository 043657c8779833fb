import { isRecord } from '../../src/protocol/json.ts';
import type { OperationName } from '../../src/protocol/operations.ts';
import type { JsonObject } from './bridge-arbitraries.ts';

/**
 * What the bridge does not tell apart: each function writes a value of one version so that two values it takes for
 * the same become equal. The properties of the bridge compare what comes back with what went in by these.
 */
export type Same = (value: unknown, subject: Subject) => unknown;

/** What the value is. */
export interface Subject {
  operation: OperationName;
  is: 'request' | 'answer';
}

/** Whether a member is its sender's own, which the protocol does not name: the arbitraries' begin so. */
export function isOwn(name: string): boolean {
  return name.startsWith('x');
}

/** What is in there goes as it is. */
function isOpaque(name: string): boolean {
  return name === 'metadata' || name === 'data' || isOwn(name);
}

/** Changes each object of the protocol, from the inside out. */
export function everyObject(change: (object: JsonObject) => JsonObject): Same {
  const changed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(changed);
    if (!isRecord(value)) return value;
    const entries = Object.entries(value);
    return change(
      Object.fromEntries(entries.map(([name, inner]) => [name, isOpaque(name) ? inner : changed(inner)])),
    );
  };
  return changed;
}

/** Changes the requests of some operations. */
export function ofRequests(
  names: readonly OperationName[],
  change: (request: JsonObject) => JsonObject,
): Same {
  return (value, { operation, is }) =>
    is === 'request' && names.includes(operation) && isRecord(value) ? change(value) : value;
}

/** Leaves members out by name and value. */
export function without(isLeftOut: (name: string, value: unknown, object: JsonObject) => boolean): Same {
  return everyObject((object) =>
    Object.fromEntries(Object.entries(object).filter(([name, value]) => !isLeftOut(name, value, object))),
  );
}

export function members(...names: string[]): Same {
  return without((name) => names.includes(name));
}

/** Changes the value of a member wherever it is. */
export function member(name: string, change: (value: unknown) => unknown): Same {
  return everyObject((object) =>
    Object.hasOwn(object, name) ? { ...object, [name]: change(object[name]) } : object,
  );
}

export function inOrder(...all: readonly Same[]): Same {
  return (value, subject) => all.reduce((before, same) => same(before, subject), value);
}

/** The members of an object that are its sender's own, and the others. */
export function parted(object: unknown): { own: JsonObject; known: JsonObject } {
  const entries = isRecord(object) ? Object.entries(object) : [];
  return {
    own: Object.fromEntries(entries.filter(([name]) => isOwn(name))),
    known: Object.fromEntries(entries.filter(([name]) => !isOwn(name))),
  };
}
