import { snakeCase } from '../../../protocol/v0_3/proto-names.ts';
import type { JsonObject } from '../../core-call.ts';
import { objectAt } from '../place.ts';
import { createShape, type Member, type Shape, type ShapeOptions } from '../shape.ts';

/** A member of an object in 0.3 ProtoJSON. */
export interface ProtoMember extends Member {
  /** What the proto calls it where that is not the camel-case name in snake case. */
  protoName?: string;
}

/**
 * A shape of 0.3 ProtoJSON, written with camel-case names and read with either name ProtoJSON knows. Where both are
 * given the camel-case one counts.
 */
export function createProtoShape(members: readonly ProtoMember[], options: ShapeOptions = {}): Shape {
  const names = new Map(members.map(({ name, protoName = snakeCase(name) }) => [protoName, name]));
  // The proto's own names mean something in 0.3 too: `request` is the message.
  const shape = createShape(members, {
    ...options,
    onlyIn0_3: [...(options.onlyIn0_3 ?? []), ...names.keys()],
  });
  return {
    ...shape,
    toCore: (value, at) => shape.toCore(inCamelCase(objectAt(value, at), names), at),
  };
}

/** @param names the camel-case names by the proto's own */
function inCamelCase(value: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  const entries = Object.entries(value).flatMap(([name, given]): [string, unknown][] => {
    const camel = names.get(name) ?? name;
    return camel !== name && Object.hasOwn(value, camel) ? [] : [[camel, given]];
  });
  return Object.fromEntries(entries);
}
