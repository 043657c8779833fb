import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cites } from '../../test/support/cites.ts';
import {
  guardOf,
  insertMember,
  inspect,
  isRecord,
  type JsonSpan,
  maxJsonDepth,
  maxNamedChars,
  parseJson,
  replaceSpan,
} from './json.ts';

const guard = guardOf(['tenant', 'message.taskId', 'message.referenceTaskIds']);

function spansOf(text: string): Map<string, JsonSpan> {
  const inspected = inspect(text, guard);
  if (!inspected.ok) throw new Error(JSON.stringify(inspected.failure));
  return inspected.value;
}

/** The text of each guarded member. */
function found(text: string): Record<string, string> {
  return Object.fromEntries(
    [...spansOf(text)].map(([path, { start, end }]) => [path, text.slice(start, end)]),
  );
}

const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

/** A JSON text of any shape, with any whitespace between its tokens. */
const spelled: fc.Arbitrary<string> = fc
  .tuple(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(undefined, 1, '\t', ' \r'))
  .map(([value, indent]) => JSON.stringify(value, undefined, indent));

/** A member name that no guarded name is spelled like, escapes and quotes included. */
const otherName = fc.string({ unit: 'binary', maxLength: 8 }).filter((name) => !isGuardedLike(name));

function isGuardedLike(name: string): boolean {
  const folded = name.replace(/[_-]/g, '').toUpperCase().toLowerCase();
  return ['tenant', 'message', 'taskid', 'referencetaskids'].includes(folded);
}

/** Other members on either side of some text. */
const around = fc
  .tuple(
    fc.uniqueArray(fc.tuple(otherName, spelled), { selector: ([name]) => name, maxLength: 4 }),
    fc.nat(4),
  )
  .map(([members, at]) => {
    const texts = members.map(([name, value]) => `${JSON.stringify(name)}:${value}`);
    return (inner: string) => `{${[...texts.slice(0, at), inner, ...texts.slice(at)].join(',')}}`;
  });

/** A guarded name as JSON may spell it: any of its characters escaped. */
function escaped(name: string): fc.Arbitrary<string> {
  return fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((flags) =>
      [...name]
        .map((c, index) => (flags[index] ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c))
        .join(''),
    );
}

describe('parseJson', () => {
  it.each([
    ['{"a":1', 'syntax'],
    ["{'a':1}", 'syntax'],
    ['{"a":01}', 'syntax'],
    ['\ufeff{}', 'syntax'],
    ['', 'empty'],
    [' \r\n', 'empty'],
  ])('refuses %j: %s', (text, problem) => {
    expect(parseJson(text)).toEqual({ ok: false, failure: { code: 'body_malformed', problem } });
  });

  it('keeps the text beside the value', () => {
    const text = ' {"n": 9007199254740993, "one": 1.0}\n';
    expect(parseJson(text)).toEqual({ ok: true, value: { text, value: JSON.parse(text) } });
  });

  it.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('counts levels of %s up to its limit', (open, close) => {
    const nested = (depth: number) => `${open.repeat(depth)}0${close.repeat(depth)}`;
    expect(parseJson(nested(maxJsonDepth)).ok).toBe(true);
    expect(parseJson(nested(maxJsonDepth + 1))).toEqual({
      ok: false,
      failure: { code: 'body_malformed', problem: 'nesting' },
    });
  });

  it('counts no bracket that stands in a text', () => {
    cites('A2A-13.4-limits');
    const text = JSON.stringify({ ['"{['.repeat(200)]: '\\"['.repeat(200) });
    expect(parseJson(text).ok).toBe(true);
  });
});

describe('inspect', () => {
  it('finds the guarded members and no others', () => {
    const text = `{ "x": {"tenant": 1}, "message" : { "parts": [{"taskId": 2}], "taskId" :"t\\"-1" , "referenceTaskIds":[ "a" ]},"tenant":null}`;
    expect(found(text)).toEqual({
      message: text.slice(text.indexOf('{ "parts"'), text.indexOf(',"tenant":null')),
      'message.taskId': '"t\\"-1"',
      'message.referenceTaskIds': '[ "a" ]',
      tenant: 'null',
    });
  });

  it('finds exactly the text of a guarded value, whatever stands around it', () => {
    const property = fc.property(
      around,
      around,
      spelled,
      escaped('message'),
      escaped('taskId'),
      space,
      (outer, inner, value, outerName, innerName, gap) => {
        const message = inner(`"${innerName}"${gap}:${gap}${value}${gap}`);
        const text = `${gap}${outer(`${gap}"${outerName}"${gap}:${message}`)}${gap}`;
        expect(found(text)).toEqual({ message, 'message.taskId': value });
      },
    );
    fc.assert(property);
  });

  it('refuses a member given twice, however it is escaped', () => {
    const property = fc.property(
      around,
      spelled,
      spelled,
      fc.constantFrom('tenant', 'message', 'vendor').chain((name) => fc.tuple(escaped(name), escaped(name))),
      (outer, one, other, [first, second]) => {
        const text = outer(`"${first}":${one},"${second}":${other}`);
        expect(inspect(text, guard)).toMatchObject({
          ok: false,
          failure: { code: 'member_refused', rule: 'duplicate' },
        });
      },
    );
    fc.assert(property);
  });

  it('refuses every spelling that a lenient parser takes for a guarded name', () => {
    const alias = fc
      .tuple(
        fc.constantFrom('taskId', 'referenceTaskIds'),
        fc.array(fc.constantFrom('upper', 'lower', '_', '-', 'as is'), { minLength: 16, maxLength: 16 }),
      )
      .map(([name, ways]) => ({ name, alias: respelled(name, ways) }))
      .filter(({ name, alias }) => name !== alias);
    fc.assert(
      fc.property(around, alias, (inner, { alias }) => {
        const text = `{"message":${inner(`${JSON.stringify(alias)}:"t-1"`)}}`;
        expect(inspect(text, guard)).toEqual({
          ok: false,
          failure: { code: 'member_refused', member: `message.${alias}`, rule: 'alias' },
        });
      }),
    );
  });

  it.each([
    ['ta\u017fkId', 'long s, which Go takes for s'],
    ['tas\u212aId', 'the Kelvin sign, which Go takes for k'],
  ])('refuses %s: %s', (alias) => {
    expect(inspect(`{"message":{"${alias}":"t-1"}}`, guard)).toEqual({
      ok: false,
      failure: { code: 'member_refused', member: `message.${alias}`, rule: 'alias' },
    });
  });

  it('does not look for duplicates where nothing is guarded', () => {
    expect(found('{"metadata":{"a":1,"a":2},"message":[{"taskId":1,"taskId":2}]}')).toEqual({
      message: '[{"taskId":1,"taskId":2}]',
    });
  });

  it('names a refused member by no more than its beginning', () => {
    const name = 'x'.repeat(10_000);
    expect(inspect(`{"${name}":1,"${name}":2}`, guard)).toEqual({
      ok: false,
      failure: { code: 'member_refused', member: name.slice(0, maxNamedChars), rule: 'duplicate' },
    });
  });

  it('takes members named like those of every object for members like others', () => {
    expect(found('{"__proto__":{"tenant":1},"constructor":2,"toString":3}')).toEqual({});
  });
});

function respelled(name: string, ways: readonly string[]): string {
  return [...name]
    .map((character, index) => {
      const way = ways[index] ?? 'as is';
      if (way === 'upper') return character.toUpperCase();
      if (way === 'lower') return character.toLowerCase();
      return way === 'as is' ? character : `${way}${character}`;
    })
    .join('');
}

describe('an edit of a text', () => {
  it('replaces one value and keeps the rest letter for letter', () => {
    const property = fc.property(around, spelled, spelled, (outer, value, replacement) => {
      const text = outer(`"tenant": ${value} `);
      const span = spansOf(text).get('tenant') ?? { start: 0, end: 0 };
      expect(replaceSpan(text, span, replacement)).toBe(outer(`"tenant": ${replacement} `));
    });
    fc.assert(property);
  });

  it('puts a member first and keeps the rest letter for letter', () => {
    const object = fc.dictionary(otherName, fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true });
    const property = fc.property(
      object,
      fc.constantFrom(undefined, 2),
      spelled,
      (value, indent, inserted) => {
        const text = JSON.stringify(value, undefined, indent);
        const edited = insertMember(text, 0, 'tenant', inserted);
        expect(edited.endsWith(text.slice(1).trimStart())).toBe(true);
        expect(JSON.parse(edited)).toEqual({ ...JSON.parse(text), tenant: JSON.parse(inserted) });
      },
    );
    fc.assert(property);
  });

  it.each([
    ['{}', '{"tenant":1}'],
    ['{ \n }', '{"tenant":1}'],
    ['{ "a":1}', '{"tenant":1,"a":1}'],
  ])('of %j adds a comma only where one belongs', (text, edited) => {
    expect(insertMember(text, 0, 'tenant', '1')).toBe(edited);
  });
});

describe('isRecord', () => {
  it.each([
    [{}, true],
    [[], false],
    [null, false],
    ['', false],
    [undefined, false],
  ])('of %j is %s', (value, expected) => {
    expect(isRecord(value)).toBe(expected);
  });
});
