import { folded } from '../../protocol/json.ts';
import type { JsonObject } from '../core-call.ts';
import { objectAt, type Place, refuse, within } from './place.ts';

/** Answers undefined to leave the member out. */
export type Translate = (value: unknown, at: Place) => unknown;

/** A member that both versions have. */
export interface Member {
  /** In 0.3. */
  name: string;
  /** In core, where it is called otherwise. */
  coreName?: string;
  /** As it is, by default. */
  toCore?: Translate;
  fromCore?: Translate;
  /** Refused where it is missing, unless {@link ShapeOptions.defaults} fill it in. */
  required?: true;
}

export interface ShapeOptions {
  /** The `kind` of the object in 0.3 (0.3 §6). Demanded by no translation: agents leave it out where it is plain. */
  kind?: string;
  /** Names with a meaning in one version only; their members are dropped, or translated by hand. */
  onlyIn0_3?: readonly string[];
  onlyInCore?: readonly string[];
  /** What 0.3 requires and ProtoJSON leaves out because it is the default. */
  defaults?: JsonObject;
}

/** An object of A2A in both versions. Members that neither knows stay in it. */
export interface Shape {
  toCore(value: unknown, at: Place): JsonObject;
  fromCore(value: unknown, at: Place): JsonObject;
  /** Of an object around one of this shape in core: the members, but for some, that fit beside its own in 0.3. */
  besideIn0_3(around: JsonObject, but: readonly string[]): JsonObject;
}

/**
 * A shape from its members.
 *
 * A member that the source does not know and the target does, in whatever spelling a lenient parser takes for it, is
 * dropped: it would gain a meaning on the way, past the checks that were made on the request as it came.
 * A member that is `null` is absent in ProtoJSON, and 0.3 gives null no meaning either: it is left out.
 */
export function createShape(members: readonly Member[], options: ShapeOptions = {}): Shape {
  const { kind, defaults = {} } = options;
  const onlyIn0_3 = [...(kind === undefined ? [] : ['kind']), ...(options.onlyIn0_3 ?? [])];
  const onlyInCore = options.onlyInCore ?? [];
  const namesIn0_3 = foldedNames([...onlyIn0_3, ...members.map(({ name }) => name)]);
  const namesInCore = foldedNames([...onlyInCore, ...members.map(coreNameOf)]);
  const up: Direction = {
    rules: new Map(members.map((each) => [each.name, { to: coreNameOf(each), translate: each.toCore }])),
    dropped: new Set(onlyIn0_3),
    taken: namesInCore,
    required: members.filter(({ required }) => required).map(({ name }) => name),
  };
  const down: Direction = {
    rules: new Map(members.map((each) => [coreNameOf(each), { to: each.name, translate: each.fromCore }])),
    dropped: new Set(onlyInCore),
    taken: namesIn0_3,
    required: members
      .filter(({ name, required }) => required && !Object.hasOwn(defaults, name))
      .map(coreNameOf),
  };
  return {
    toCore(value, at) {
      const source = objectAt(value, at);
      const said = source.kind ?? kind;
      if (kind !== undefined && said !== kind) refuse(within(at, 'kind'), `is not ${kind}`);
      return translate(source, up, at);
    },
    fromCore(value, at) {
      const translated = translate(objectAt(value, at), down, at);
      return { ...(kind !== undefined && { kind }), ...defaults, ...translated };
    },
    besideIn0_3(around, but) {
      const fits = (name: string) => !but.includes(name) && !namesIn0_3.has(folded(name));
      return Object.fromEntries(Object.entries(around).filter(([name]) => fits(name)));
    },
  };
}

/** An object of some of the members, those of them that are there. */
export function picked(source: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(source, name)).map((name) => [name, source[name]]),
  );
}

/** For a text that is optional in both versions: empty is absent in ProtoJSON, and an odd value in 0.3. */
export const unlessEmpty: Translate = (value) => (value === '' ? undefined : value);

interface Direction {
  rules: ReadonlyMap<string, { to: string; translate?: Translate | undefined }>;
  dropped: ReadonlySet<string>;
  /** Names of the target, {@link folded}. */
  taken: ReadonlySet<string>;
  required: readonly string[];
}

function translate(source: JsonObject, direction: Direction, at: Place): JsonObject {
  for (const name of direction.required)
    if ((source[name] ?? null) === null) refuse(within(at, name), 'is missing');
  const entries: [string, unknown][] = [];
  for (const [name, value] of Object.entries(source)) {
    const rule = direction.rules.get(name);
    if (rule === undefined) {
      if (!direction.dropped.has(name) && !direction.taken.has(folded(name))) entries.push([name, value]);
    } else if (value !== null) {
      const translated = rule.translate === undefined ? value : rule.translate(value, within(at, name));
      if (translated !== undefined) entries.push([rule.to, translated]);
    }
  }
  return Object.fromEntries(entries); // Not by assignment: `__proto__` is a name like any other.
}

function coreNameOf({ name, coreName = name }: Member): string {
  return coreName;
}

function foldedNames(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(folded));
}
