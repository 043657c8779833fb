import { describe, expect, it } from 'vitest';
import {
  cardFixture,
  cardWithExtension,
  cardWithInterface,
  cardWithSkill,
  minimalCard,
} from '../../test/fixtures/cards/cards.ts';
import { cites } from '../../test/support/cites.ts';
import { cardWarningText } from './card/warning.ts';
import { type ParsedCard, parseAgentCard } from './card-parse.ts';

function accepted(input: unknown): ParsedCard {
  const result = parseAgentCard(input);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

function warningsOf(input: unknown): string[] {
  return accepted(input).warnings.map(({ path, code }) => `${path} ${code}`);
}

describe('parseAgentCard on harmless deviations', () => {
  const cases: [string, unknown, string[]][] = [
    ['an unknown member', minimalCard({ pricing: 1 }), ['/pricing member_unknown']],
    [
      'an unknown capability',
      minimalCard({ capabilities: { chat: true } }),
      ['/capabilities/chat member_unknown'],
    ],
    ['an unknown member of a skill', cardWithSkill({ price: 1 }), ['/skills/0/price member_unknown']],
    [
      'a name with slash and tilde, escaped in the path',
      minimalCard({ 'a/b~': 1 }),
      ['/a~1b~0 member_unknown'],
    ],
    ['a name unfit to be shown', minimalCard({ '\u202Ex': 1, ['y'.repeat(100)]: 1 }), [' member_unknown']],
    [
      'an own __proto__ member',
      JSON.parse(`{"__proto__":{"a":1},${JSON.stringify(minimalCard()).slice(1)}`),
      ['/__proto__ member_unknown'],
    ],
    [
      'missing modes',
      minimalCard({ defaultInputModes: undefined, defaultOutputModes: [] }),
      ['/defaultInputModes member_missing', '/defaultOutputModes member_missing'],
    ],
    [
      'modes that are words',
      minimalCard({ defaultInputModes: ['text', 'JSON', 'file', 'image'] }),
      [
        '/defaultInputModes/0 mode_respelled',
        '/defaultInputModes/1 mode_respelled',
        '/defaultInputModes/2 mode_respelled',
        '/defaultInputModes/3 mode_respelled',
      ],
    ],
    [
      'a mode nobody knows',
      cardWithSkill({ outputModes: ['task-status'] }),
      ['/skills/0/outputModes/0 value_dropped'],
    ],
    [
      'a mode that is not in a list',
      minimalCard({ defaultInputModes: 'text/plain' }),
      ['/defaultInputModes value_converted'],
    ],
    ['a skill without tags', cardWithSkill({ tags: undefined }), ['/skills/0/tags member_missing']],
    [
      'a skill without a description',
      cardWithSkill({ description: undefined }),
      ['/skills/0/description member_missing'],
    ],
    ['a skill without an id', cardWithSkill({ id: undefined }), ['/skills/0/id skill_id_derived']],
    ['a skill without a name', cardWithSkill({ name: '' }), ['/skills/0/name member_missing']],
    ['a skill with a numeric id', cardWithSkill({ id: 7 }), ['/skills/0/id value_converted']],
    [
      'examples that are not texts',
      cardWithSkill({ examples: ['a', { input: 'b' }] }),
      ['/skills/0/examples/1 value_dropped'],
    ],
    ['tags that are one text', cardWithSkill({ tags: 'echo' }), ['/skills/0/tags value_converted']],
    ['a card without skills', minimalCard({ skills: [] }), ['/skills skills_missing']],
    ['a card without a description', minimalCard({ description: ' ' }), ['/description member_missing']],
    ['a card without a version', minimalCard({ version: undefined }), ['/version member_missing']],
    ['a numeric version', minimalCard({ version: 1.5 }), ['/version value_converted']],
    ['missing capabilities', minimalCard({ capabilities: undefined }), ['/capabilities member_missing']],
    [
      'capabilities as a list of names',
      minimalCard({ capabilities: ['streaming', 'x'] }),
      ['/capabilities value_converted'],
    ],
    [
      'a capability that is a text',
      minimalCard({ capabilities: { streaming: 'true' } }),
      ['/capabilities/streaming value_converted'],
    ],
    [
      'a capability that is not a boolean',
      minimalCard({ capabilities: { streaming: 1 } }),
      ['/capabilities/streaming value_dropped'],
    ],
    [
      'snake_case names',
      minimalCard({ documentation_url: 'https://docs.example.org/' }),
      ['/documentation_url member_respelled'],
    ],
    [
      'snake_case beside the specified name',
      minimalCard({ default_input_modes: ['a/b'] }),
      ['/default_input_modes member_unknown'],
    ],
    [
      'the old authentication object',
      minimalCard({ authentication: { schemes: ['bearer'] } }),
      ['/authentication authentication_dropped'],
    ],
    ['a provider that is a text', minimalCard({ provider: 'Acme' }), ['/provider value_converted']],
    [
      'a provider with a name',
      minimalCard({ provider: { name: 'Acme', url: 'https://acme.example' } }),
      ['/provider/name member_respelled'],
    ],
    [
      'a provider without an organization',
      minimalCard({ provider: { url: 'https://acme.example' } }),
      ['/provider value_dropped'],
    ],
    [
      'a link that is no address',
      minimalCard({ documentationUrl: '/docs', iconUrl: `data:image/png;base64,${'A'.repeat(5000)}` }),
      ['/documentationUrl value_dropped', '/iconUrl value_dropped'],
    ],
    [
      'patch digits',
      cardWithInterface({ protocolVersion: '1.0.0' }),
      ['/supportedInterfaces/0/protocolVersion version_respelled'],
    ],
    [
      'a numeric protocol version',
      cardWithInterface({ protocolVersion: 1 }),
      ['/supportedInterfaces/0/protocolVersion version_respelled'],
    ],
    [
      'no protocol version',
      cardWithInterface({ protocolVersion: undefined }),
      ['/supportedInterfaces/0/protocolVersion version_missing'],
    ],
    [
      'a protocol version before 0.3',
      cardWithInterface({ protocolVersion: '0.2.5' }),
      ['/supportedInterfaces/0/protocolVersion version_old'],
    ],
    [
      'a binding in another spelling',
      cardWithInterface({ protocolBinding: 'json-rpc' }),
      ['/supportedInterfaces/0/protocolBinding binding_respelled'],
    ],
    [
      'a binding under its 0.3 name',
      cardWithInterface({ protocolBinding: undefined, transport: 'JSONRPC' }),
      ['/supportedInterfaces/0/transport member_respelled'],
    ],
    [
      'an extension that is a bare URI',
      minimalCard({ capabilities: { extensions: ['urn:example:x'] } }),
      ['/capabilities/extensions/0 value_converted'],
    ],
    [
      'an extension without a URI',
      cardWithExtension({ uri: undefined }),
      ['/capabilities/extensions/0 value_dropped'],
    ],
    [
      'a parameter that JSON cannot carry on',
      cardWithExtension({ params: { a: Number.POSITIVE_INFINITY } }),
      ['/capabilities/extensions/0/params/a value_dropped'],
    ],
  ];

  it.each(cases)('tolerates %s and says so', (_, input, warnings) => {
    cites('A2A-5.7-unknown-card-members');
    expect(warningsOf(input)).toEqual(warnings);
  });

  it('reads what was meant', () => {
    const { card } = accepted(cardFixture('deviating'));
    expect(card).toMatchObject({
      version: '0.0.0',
      capabilities: { streaming: true },
      defaultInputModes: ['text/plain', 'application/octet-stream'],
      defaultOutputModes: ['text/plain'],
    });
    expect(card.skills.map(({ id, name }) => [id, name])).toEqual([
      ['count-a-shelf', 'Count a shelf'],
      ['order-more', 'Order more'],
      ['count', 'Count'],
    ]);
    expect(card.skills[2]?.examples).toEqual(['How many?']);
  });

  it('makes one skill of the name and description of a card without any', () => {
    expect(accepted(minimalCard({ skills: undefined })).card.skills).toEqual([
      { id: 'echo', name: 'Echo', description: 'Says it again.', tags: [] },
    ]);
  });

  it('renames the second use of a skill id', () => {
    const skill = { id: 'a', name: 'A', description: 'A.', tags: ['a'] };
    const { card, warnings } = accepted(minimalCard({ skills: [skill, { ...skill, id: 'a-2' }, skill] }));
    expect(card.skills.map(({ id }) => id)).toEqual(['a', 'a-2', 'a-3']);
    expect(warnings).toEqual([{ path: '/skills/2/id', code: 'skill_id_repeated' }]);
  });

  it('drops repeated interfaces and those of foreign bindings while one is left', () => {
    const one = { url: 'https://echo.example.com/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' };
    const socket = { url: 'wss://echo.example.com', protocolBinding: 'WS', protocolVersion: '1.0' };
    const mail = {
      url: 'mailto:echo@example.com',
      protocolBinding: 'urn:example:mail',
      protocolVersion: '1.0',
    };
    const input = minimalCard({ supportedInterfaces: [one, socket, one, mail] });
    expect(accepted(input).card.supportedInterfaces).toEqual([one]);
    expect(warningsOf(input)).toEqual([
      '/supportedInterfaces/1 interface_dropped',
      '/supportedInterfaces/3 interface_dropped',
      '/supportedInterfaces/2 interface_repeated',
    ]);
  });

  it('takes the card-level version of a release candidate for interfaces without one', () => {
    const input = { ...cardWithInterface({ protocolVersion: undefined }), protocolVersion: '0.3' };
    expect(accepted(input).card.supportedInterfaces[0]?.protocolVersion).toBe('0.3');
  });

  it('names 20 deviations at most, unknown members last, and counts the others', () => {
    const members = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x${index}`, 1]));
    const { warnings } = accepted(minimalCard({ ...members, version: undefined }));
    expect(warnings).toHaveLength(21);
    expect(warnings[0]).toEqual({ path: '/version', code: 'member_missing' });
    expect(warnings[20]).toEqual({ path: '', code: 'left_out', count: 31 });
    expect(warnings.map(cardWarningText)[20]).toContain('31');
  });

  it('says each warning as a line that begins with its path', () => {
    expect(cardWarningText({ path: '/version', code: 'member_missing' })).toMatch(/^\/version: \S/);
    expect(cardWarningText({ path: '', code: 'byte_order_mark' })).not.toContain(':');
  });
});
