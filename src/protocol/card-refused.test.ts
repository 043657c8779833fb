import { describe, expect, it } from 'vitest';
import {
  cardFixture,
  cardWithExtension,
  cardWithInterface,
  cardWithSkill,
  minimalCard,
} from '../../test/fixtures/cards/cards.ts';
import { defaultCardLimits } from './card/limits.ts';
import { parseAgentCard } from './card-parse.ts';

function refusal(input: unknown): string {
  const result = parseAgentCard(input);
  if (result.ok || result.failure.code !== 'card_invalid') throw new Error('not refused');
  return `${result.failure.path} ${result.failure.problem}`;
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { inner: nested(depth - 1) };
}

describe('parseAgentCard on cards that could mislead or cannot be told', () => {
  const url = 'must be an absolute http(s) URL';
  const cases: [string, unknown, string][] = [
    ['what is not an object', [minimalCard()], ' must be an object'],
    [
      'a card without interfaces or url',
      minimalCard({ supportedInterfaces: [] }),
      '/supportedInterfaces required',
    ],
    [
      'a manifest that has a url and nothing else of a card',
      cardFixture('bad-manifest'),
      '/supportedInterfaces required',
    ],
    [
      'interfaces that are no list',
      minimalCard({ supportedInterfaces: {} }),
      '/supportedInterfaces must be an array',
    ],
    [
      'an interface that is no object',
      minimalCard({ supportedInterfaces: ['x'] }),
      '/supportedInterfaces/0 must be an object',
    ],
    [
      'only foreign bindings',
      cardWithInterface({ protocolBinding: 'stdio' }),
      '/supportedInterfaces must name an A2A binding',
    ],
    ['a card without a name', minimalCard({ name: undefined }), '/name required'],
    ['a name of spaces', minimalCard({ name: ' \u200B ' }), '/name required'],
    ['a name that is no text', minimalCard({ name: { en: 'Echo' } }), '/name must be a string'],
    ['a name too long', minimalCard({ name: 'n'.repeat(257) }), '/name must have at most 256 characters'],
    ['a description that is no text', minimalCard({ description: 1 }), '/description must be a string'],
    [
      'a description too long',
      minimalCard({ description: 'd'.repeat(16_385) }),
      '/description must have at most 16384 characters',
    ],
    ['an interface without a URL', cardWithInterface({ url: '' }), '/supportedInterfaces/0/url required'],
    ['a URL that is no text', cardWithInterface({ url: 1 }), '/supportedInterfaces/0/url must be a string'],
    ['a relative URL', cardWithInterface({ url: '/a2a' }), `/supportedInterfaces/0/url ${url}`],
    ['another scheme', cardWithInterface({ url: 'file:///etc/passwd' }), `/supportedInterfaces/0/url ${url}`],
    ['a placeholder', cardFixture('bad-placeholder'), `/supportedInterfaces/1/url ${url}`],
    [
      'a placeholder in the path',
      cardWithInterface({ url: 'https://echo.example.com/{agent}' }),
      `/supportedInterfaces/0/url ${url}`,
    ],
    [
      'a URL only some parsers would mend',
      cardWithInterface({ url: 'https:\\\\echo.example.com' }),
      `/supportedInterfaces/0/url ${url}`,
    ],
    [
      'credentials in a URL',
      cardWithInterface({ url: 'https://user:pw@echo.example.com/' }),
      '/supportedInterfaces/0/url must not have credentials',
    ],
    [
      'a fragment in a URL',
      cardWithInterface({ url: 'https://echo.example.com/#x' }),
      '/supportedInterfaces/0/url must not have a fragment',
    ],
    [
      'a control character in a URL',
      cardWithInterface({ url: 'https://echo.example\n.com/' }),
      '/supportedInterfaces/0/url must not have control or invisible characters',
    ],
    [
      'a protocol version that is none',
      cardWithInterface({ protocolVersion: '2025-06-18' }),
      '/supportedInterfaces/0/protocolVersion must be Major.Minor',
    ],
    [
      'a tenant with a line break',
      cardWithInterface({ tenant: 'a\r\nb' }),
      '/supportedInterfaces/0/tenant must not have control or invisible characters',
    ],
    [
      'too many interfaces',
      minimalCard({ supportedInterfaces: Array(65).fill({}) }),
      '/supportedInterfaces must have at most 64 items',
    ],
    [
      'capabilities that are a text',
      minimalCard({ capabilities: 'streaming' }),
      '/capabilities must be an object',
    ],
    ['skills that are no list', minimalCard({ skills: { echo: {} } }), '/skills must be an array'],
    ['a skill that is no object', minimalCard({ skills: [1] }), '/skills/0 must be an object'],
    [
      'a skill with neither id nor name',
      cardWithSkill({ id: undefined, name: undefined }),
      '/skills/0/id required',
    ],
    [
      'a skill id with a bidirectional override',
      cardWithSkill({ id: 'pay\u202Etxt' }),
      '/skills/0/id must not have control or invisible characters',
    ],
    [
      'too many skills',
      minimalCard({ skills: Array(1001).fill('x') }),
      '/skills must have at most 1000 items',
    ],
    [
      'too many tags',
      cardWithSkill({ tags: Array(201).fill('x') }),
      '/skills/0/tags must have at most 200 items',
    ],
    [
      'too many examples',
      cardWithSkill({ examples: Array(101).fill('x') }),
      '/skills/0/examples must have at most 100 items',
    ],
    [
      'parameters nested too deep',
      cardWithExtension({ params: nested(17) }),
      `/capabilities/extensions/0/params${'/inner'.repeat(16)} must not nest deeper than 16`,
    ],
  ];

  it.each(cases)('refuses %s', (_, input, expected) => {
    expect(refusal(input)).toBe(expected);
  });

  it('names the first problem and counts the others', () => {
    const input = { ...minimalCard({ name: undefined, description: 1 }), skills: [{}] };
    expect(refusal(input)).toBe('/name required, and 2 more');
  });

  it('takes other limits', () => {
    const result = parseAgentCard(minimalCard(), { ...defaultCardLimits, maxNameLength: 3 });
    expect(result).toMatchObject({ ok: false, failure: { code: 'card_invalid', path: '/name' } });
  });
});
