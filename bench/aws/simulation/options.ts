import { parseArgs } from 'node:util';
import { defaultLoad, type Load } from './load.ts';

/**
 * The load of a command line: every member of `Load` is an option in kebab case, `--agents 10000`, and is as in
 * {@link defaultLoad} where it is not given.
 *
 * @throws TypeError for an option that is none, or a value that does not fit
 */
export function parseLoad(flagNames: readonly string[] = []): { load: Load; flags: ReadonlySet<string> } {
  const members = Object.entries(defaultLoad);
  const values: Record<string, unknown> = parseArgs({
    options: Object.fromEntries([
      ...flagNames.map((name) => [name, { type: 'boolean' as const }] as const),
      ...members.map(([name]) => [kebab(name), { type: 'string' as const }] as const),
    ]),
  }).values;
  const load = Object.fromEntries(
    members.map(([name, value]) => [name, parseMember(kebab(name), values[kebab(name)], value)]),
  );
  return {
    load: load as unknown as Load, // The defaults' own members.
    flags: new Set(flagNames.filter((name) => values[name] === true)),
  };
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function parseMember(option: string, text: unknown, value: number | boolean): number | boolean {
  if (text === undefined) return value;
  if (typeof value === 'boolean') {
    if (text !== 'true' && text !== 'false') throw new TypeError(`--${option} takes true or false`);
    return text === 'true';
  }
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0) throw new TypeError(`--${option} takes a number, not ${text}`);
  return number;
}
