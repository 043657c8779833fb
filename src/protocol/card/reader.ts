import { type Failure, fail, ok, type Result } from '../../failure.ts';
import type { CardLimits } from './limits.ts';
import { hasUnsafeCharacters } from './text.ts';
import type { CardWarning, CardWarningCode } from './warning.ts';

/** A value and where it was found. `undefined` stands for an absent member and for `null`, ProtoJSON's unset. */
export interface Found {
  readonly value: unknown;
  readonly path: string;
}

const maxPathSegment = 64;

/**
 * Collects what is wrong with a card while it is read to the end: problems refuse it, warnings do not.
 * Every problem is seen; the failure carries the first and the number of the others.
 */
export class CardReader {
  readonly limits: Readonly<CardLimits>;
  readonly #warnings: CardWarning[] = [];
  readonly #unknown: CardWarning[] = [];
  #first: Extract<Failure, { code: 'card_invalid' }> | undefined;
  #problems = 0;
  #unnamed = 0;

  constructor(limits: Readonly<CardLimits>) {
    this.limits = limits;
  }

  /** Records a problem; the `undefined` it returns stands for the value that could not be read. */
  refuse({ path }: Pick<Found, 'path'>, problem: string): undefined {
    this.#first ??= { code: 'card_invalid', path, problem };
    this.#problems += 1;
  }

  /** Unknown members are kept apart, so that a card full of them does not hide what else was tolerated. */
  warn({ path }: Pick<Found, 'path'>, code: CardWarningCode): undefined {
    const list = code === 'member_unknown' ? this.#unknown : this.#warnings;
    if (list.some((known) => known.path === path && known.code === code)) return;
    if (list.length < this.limits.maxWarnings) list.push({ path, code });
    else this.#unnamed += 1;
  }

  /** How many problems were found so far. */
  get problems(): number {
    return this.#problems;
  }

  warnings(): CardWarning[] {
    const all = [...this.#warnings, ...this.#unknown];
    const named = all.slice(0, this.limits.maxWarnings);
    const count = all.length - named.length + this.#unnamed;
    return count === 0 ? named : [...named, { path: '', code: 'left_out', count }];
  }

  /** The value, unless anything was refused on the way. */
  result<T>(value: T): Result<T> {
    if (this.#first === undefined) return ok(value);
    if (this.#problems === 1) return fail(this.#first);
    return fail({ ...this.#first, problem: `${this.#first.problem}, and ${this.#problems - 1} more` });
  }
}

/**
 * The named own members of an object, each found or not. A snake_case spelling is read as the member meant (as
 * ProtoJSON parsers do), an entry of `older` likewise; the specified spelling wins. Anything else is dropped with a
 * warning. Refuses what is not an object.
 */
export function readMembers<K extends string>(
  reader: CardReader,
  found: Found,
  names: readonly K[],
  older: Readonly<Record<string, K>> = {},
): Record<K, Found> | undefined {
  if (!isObject(found.value)) return reader.refuse(found, 'must be an object');
  const meant = new Map<string, string>([...names.map(respelling), ...Object.entries(older)]);
  const members = new Map<string, Found>(names.map((name) => [name, absent(found, name)]));
  const entries = Object.entries(found.value).filter(([, value]) => value !== null && value !== undefined);
  for (const [name, value] of entries) {
    if (members.has(name)) members.set(name, { value, path: memberPath(found.path, name) });
  }
  for (const [name, value] of entries) {
    if (members.has(name)) continue;
    const at = { value, path: memberPath(found.path, name) };
    const target = meant.get(name);
    const taken = target === undefined || members.get(target)?.value !== undefined;
    reader.warn(at, taken ? 'member_unknown' : 'member_respelled');
    if (!taken) members.set(target, at);
  }
  // The map holds every name of K and no other.
  return Object.fromEntries(members) as Record<K, Found>;
}

/** The items of a list; refuses what is not one, and more than `maxItems`. An absent list is empty. */
export function readItems(reader: CardReader, found: Found, maxItems: number): Found[] {
  if (found.value === undefined) return [];
  if (!Array.isArray(found.value)) {
    reader.refuse(found, 'must be an array');
    return [];
  }
  if (found.value.length > maxItems) {
    reader.refuse(found, `must have at most ${maxItems} items`);
    return [];
  }
  return Array.from(found.value, (value: unknown, index) => ({
    value: value ?? undefined,
    path: `${found.path}/${index}`,
  }));
}

/** Own members only are ever read from it, so an object of any prototype will do. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 6901. A name unfit to be shown is left out: the path is then that of the object around it. */
export function memberPath(path: string, name: string): string {
  if (name.length > maxPathSegment || hasUnsafeCharacters(name)) return path;
  return `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function absent(found: Found, name: string): Found {
  return { value: undefined, path: memberPath(found.path, name) };
}

function respelling(name: string): [string, string] {
  return [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), name];
}
