/** Protobuf messages as data, as far as A2A needs them: from these, bytes are read and written as ProtoJSON. */

/** `struct`, `value` and `timestamp` are the well-known types, which ProtoJSON spells as plain JSON. */
export type ScalarKind = 'string' | 'bytes' | 'bool' | 'int32' | 'struct' | 'value' | 'timestamp';

/** Names by number. A number without a name stays a number in ProtoJSON. */
export interface EnumType {
  readonly names: ReadonlyMap<number, string>;
  readonly numbers: ReadonlyMap<string, number>;
}

export interface MessageType {
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
}

export type ItemKind = ScalarKind | EnumType | MessageType;

export interface Field {
  /** Its ProtoJSON name. No other spelling is read. */
  readonly name: string;
  readonly number: number;
  readonly shape: 'one' | 'list' | 'map';
  /** Of the value, the items or the map's values; the keys of every map of A2A are strings. */
  readonly kind: ItemKind;
  /** Members of one oneof share it. */
  readonly oneOf?: string;
  /** What stands in ProtoJSON where the bytes have nothing; else the member is left out. */
  readonly otherwise?: () => unknown;
}

type FieldSpec = Omit<Field, 'name'>;

export function enumOf(...names: readonly string[]): EnumType {
  const entries = names.map((name, number) => [number, name] as const);
  return {
    names: new Map(entries),
    numbers: new Map(entries.map(([number, name]) => [name, number])),
  };
}

export function messageOf(specs: Readonly<Record<string, FieldSpec>>): MessageType {
  const fields = Object.entries(specs).map(([name, spec]) => ({ name, ...spec }));
  return { fields, byNumber: new Map(fields.map((field) => [field.number, field])) };
}

export function one(number: number, kind: ItemKind = 'string'): FieldSpec {
  return { number, kind, shape: 'one' };
}

export function list(number: number, kind: ItemKind = 'string'): FieldSpec {
  return { number, kind, shape: 'list' };
}

export function map(number: number, kind: ItemKind = 'string'): FieldSpec {
  return { number, kind, shape: 'map' };
}

/** Of these fields at most one is there. */
export function oneOf(oneOf: string, specs: Readonly<Record<string, FieldSpec>>): Record<string, FieldSpec> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, { ...spec, oneOf }]));
}

/** A member A2A requires even where protobuf does not tell its default from nothing. */
export function required(spec: FieldSpec): FieldSpec {
  return {
    ...spec,
    otherwise: spec.shape === 'list' ? () => [] : spec.kind === 'int32' ? () => 0 : () => '',
  };
}

/** A value that is not what its field is, on either side. */
export class ProtoError extends Error {
  override readonly name = 'ProtoError';
  readonly problem: string;
  /** Dotted, from the message's root; as far in as is known. */
  path = '';

  constructor(problem: string) {
    super(problem);
    this.problem = problem;
  }
}

/** The error, told where it happened. To be called on the way out of each member. */
export function within(error: unknown, name: string | number): unknown {
  if (error instanceof ProtoError) error.path = error.path === '' ? `${name}` : `${name}.${error.path}`;
  return error;
}

/** Sets a member of an object made here, also one named `__proto__`. */
export function setMember(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[name] = value;
  }
}
