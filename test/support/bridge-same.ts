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
function parted(object: unknown): { own: JsonObject; known: JsonObject } {
  const entries = isRecord(object) ? Object.entries(object) : [];
  return {
    own: Object.fromEntries(entries.filter(([name]) => isOwn(name))),
    known: Object.fromEntries(entries.filter(([name]) => !isOwn(name))),
  };
}

/** For what leaves metadata out that nothing is left of. */
export function withoutEmptyMetadata(object: JsonObject): JsonObject {
  const { metadata, ...others } = object;
  return isRecord(metadata) && Object.keys(metadata).length > 0 ? object : others;
}

/** A push configuration without its task. */
export function withoutTask(config: unknown): unknown {
  if (!isRecord(config)) return config;
  const { taskId: _, ...others } = config;
  return others;
}

/** With the sender's own members of an object inside beside it. */
export function movedOut(object: JsonObject, from: string): JsonObject {
  const { own, known } = parted(object[from]);
  return from in object ? { ...own, ...object, [from]: known } : object;
}

/** With the sender's own members around an answer's payload inside of it. */
export function movedIn(value: unknown): unknown {
  const { own, known } = parted(value);
  const [[member = '', payload] = [], another] = Object.entries(known);
  const isWrapper =
    another === undefined && ['task', 'message', 'statusUpdate', 'artifactUpdate'].includes(member);
  return isWrapper && isRecord(payload) ? { [member]: { ...own, ...payload } } : value;
}
