import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryCard, cardFixture } from '../../test/fixtures/cards/cards.ts';
import { defaultCardLimits } from './card/limits.ts';
import { cardWarningText } from './card/warning.ts';
import { type ParsedCard, parseAgentCard } from './card-parse.ts';

/** The smallest card without a deviation, with other members on top. */
function minimal(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'Echo',
    description: 'Says it again.',
    version: '1.0.0',
    supportedInterfaces: [
      { url: 'https://echo.example.com/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
    ],
    capabilities: { streaming: true },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [{ id: 'echo', name: 'Echo', description: 'Says it again.', tags: ['echo'] }],
    ...members,
  };
}

function skillWith(members: Record<string, unknown>): Record<string, unknown> {
  return minimal({
    skills: [{ id: 'echo', name: 'Echo', description: 'Says it again.', tags: ['echo'], ...members }],
  });
}

function interfaceWith(members: Record<string, unknown>): Record<string, unknown> {
  const given = {
    url: 'https://echo.example.com/a2a',
    protocolBinding: 'JSONRPC',
    protocolVersion: '1.0',
    ...members,
  };
  return minimal({ supportedInterfaces: [given] });
}

function extensionWith(members: Record<string, unknown>): Record<string, unknown> {
  return minimal({ capabilities: { extensions: [{ uri: 'urn:example:x', ...members }] } });
}

function accepted(input: unknown): ParsedCard {
  const result = parseAgentCard(input);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

function warningsOf(input: unknown): string[] {
  return accepted(input).warnings.map(({ path, code }) => `${path} ${code}`);
}

function refusal(input: unknown): string {
  const result = parseAgentCard(input);
  if (result.ok || result.failure.code !== 'card_invalid') throw new Error('not refused');
  return `${result.failure.path} ${result.failure.problem}`;
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { inner: nested(depth - 1) };
}

describe('parseAgentCard on well-formed cards', () => {
  it('reads a 1.0 card without a warning and keeps what the gateway needs', () => {
    const { card, generation, warnings } = accepted(cardFixture('v1'));
    expect({ generation, warnings }).toEqual({ generation: '1.0', warnings: [] });
    expect(card.supportedInterfaces.map(({ tenant }) => tenant)).toEqual([
      'eu-central',
      'eu-central',
      undefined,
    ]);
    expect(card.capabilities.extensions?.[0]?.params).toEqual({ currencies: ['EUR', 'CHF'], decimals: 2 });
  });

  it('drops security and signatures without a warning', () => {
    const { card } = accepted(cardFixture('v1'));
    expect(Object.keys(card)).not.toEqual(expect.arrayContaining(['securitySchemes']));
    expect(card).not.toHaveProperty('signatures');
    expect(card.skills[1]).not.toHaveProperty('securityRequirements');
  });

  it('treats null and empty optional values as absent', () => {
    const { card, warnings } = accepted(
      minimal({ iconUrl: null, documentationUrl: '', provider: null, signature: null }),
    );
    expect({ card, warnings }).toEqual({ card: minimal(), warnings: [] });
  });

  it('keeps a GRPC target and a custom binding as they are', () => {
    const supportedInterfaces = [
      { url: 'grpc.example.com:443', protocolBinding: 'GRPC', protocolVersion: '1.0' },
      {
        url: 'https://echo.example.com/x',
        protocolBinding: 'https://bindings.example.org/x',
        protocolVersion: '1.0',
      },
    ];
    expect(accepted(minimal({ supportedInterfaces })).card.supportedInterfaces).toEqual(supportedInterfaces);
  });
});

describe('parseAgentCard on harmless deviations', () => {
  const cases: [string, unknown, string[]][] = [
    ['an unknown member', minimal({ pricing: 1 }), ['/pricing member_unknown']],
    [
      'an unknown capability',
      minimal({ capabilities: { chat: true } }),
      ['/capabilities/chat member_unknown'],
    ],
    ['an unknown member of a skill', skillWith({ price: 1 }), ['/skills/0/price member_unknown']],
    ['a name with slash and tilde, escaped in the path', minimal({ 'a/b~': 1 }), ['/a~1b~0 member_unknown']],
    ['a name unfit to be shown', minimal({ '\u202Ex': 1, ['y'.repeat(100)]: 1 }), [' member_unknown']],
    [
      'an own __proto__ member',
      JSON.parse(`{"__proto__":{"a":1},${JSON.stringify(minimal()).slice(1)}`),
      ['/__proto__ member_unknown'],
    ],
    [
      'missing modes',
      minimal({ defaultInputModes: undefined, defaultOutputModes: [] }),
      ['/defaultInputModes member_missing', '/defaultOutputModes member_missing'],
    ],
    [
      'modes that are words',
      minimal({ defaultInputModes: ['text', 'JSON', 'file', 'image'] }),
      [
        '/defaultInputModes/0 mode_respelled',
        '/defaultInputModes/1 mode_respelled',
        '/defaultInputModes/2 mode_respelled',
        '/defaultInputModes/3 mode_respelled',
      ],
    ],
    [
      'a mode nobody knows',
      skillWith({ outputModes: ['task-status'] }),
      ['/skills/0/outputModes/0 value_dropped'],
    ],
    [
      'a mode that is not in a list',
      minimal({ defaultInputModes: 'text/plain' }),
      ['/defaultInputModes value_converted'],
    ],
    ['a skill without tags', skillWith({ tags: undefined }), ['/skills/0/tags member_missing']],
    [
      'a skill without a description',
      skillWith({ description: undefined }),
      ['/skills/0/description member_missing'],
    ],
    ['a skill without an id', skillWith({ id: undefined }), ['/skills/0/id skill_id_derived']],
    ['a skill without a name', skillWith({ name: '' }), ['/skills/0/name member_missing']],
    ['a skill with a numeric id', skillWith({ id: 7 }), ['/skills/0/id value_converted']],
    [
      'examples that are not texts',
      skillWith({ examples: ['a', { input: 'b' }] }),
      ['/skills/0/examples/1 value_dropped'],
    ],
    ['tags that are one text', skillWith({ tags: 'echo' }), ['/skills/0/tags value_converted']],
    ['a card without skills', minimal({ skills: [] }), ['/skills skills_missing']],
    ['a card without a description', minimal({ description: ' ' }), ['/description member_missing']],
    ['a card without a version', minimal({ version: undefined }), ['/version member_missing']],
    ['a numeric version', minimal({ version: 1.5 }), ['/version value_converted']],
    ['missing capabilities', minimal({ capabilities: undefined }), ['/capabilities member_missing']],
    [
      'capabilities as a list of names',
      minimal({ capabilities: ['streaming', 'x'] }),
      ['/capabilities value_converted'],
    ],
    [
      'a capability that is a text',
      minimal({ capabilities: { streaming: 'true' } }),
      ['/capabilities/streaming value_converted'],
    ],
    [
      'a capability that is not a boolean',
      minimal({ capabilities: { streaming: 1 } }),
      ['/capabilities/streaming value_dropped'],
    ],
    [
      'snake_case names',
      minimal({ documentation_url: 'https://docs.example.org/' }),
      ['/documentation_url member_respelled'],
    ],
    [
      'snake_case beside the specified name',
      minimal({ default_input_modes: ['a/b'] }),
      ['/default_input_modes member_unknown'],
    ],
    [
      'the old authentication object',
      minimal({ authentication: { schemes: ['bearer'] } }),
      ['/authentication authentication_dropped'],
    ],
    ['a provider that is a text', minimal({ provider: 'Acme' }), ['/provider value_converted']],
    [
      'a provider with a name',
      minimal({ provider: { name: 'Acme', url: 'https://acme.example' } }),
      ['/provider/name member_respelled'],
    ],
    [
      'a provider without an organization',
      minimal({ provider: { url: 'https://acme.example' } }),
      ['/provider value_dropped'],
    ],
    [
      'a link that is no address',
      minimal({ documentationUrl: '/docs', iconUrl: `data:image/png;base64,${'A'.repeat(5000)}` }),
      ['/documentationUrl value_dropped', '/iconUrl value_dropped'],
    ],
    [
      'patch digits',
      interfaceWith({ protocolVersion: '1.0.0' }),
      ['/supportedInterfaces/0/protocolVersion version_respelled'],
    ],
    [
      'a numeric protocol version',
      interfaceWith({ protocolVersion: 1 }),
      ['/supportedInterfaces/0/protocolVersion version_respelled'],
    ],
    [
      'no protocol version',
      interfaceWith({ protocolVersion: undefined }),
      ['/supportedInterfaces/0/protocolVersion version_missing'],
    ],
    [
      'a protocol version before 0.3',
      interfaceWith({ protocolVersion: '0.2.5' }),
      ['/supportedInterfaces/0/protocolVersion version_old'],
    ],
    [
      'a binding in another spelling',
      interfaceWith({ protocolBinding: 'json-rpc' }),
      ['/supportedInterfaces/0/protocolBinding binding_respelled'],
    ],
    [
      'a binding under its 0.3 name',
      interfaceWith({ protocolBinding: undefined, transport: 'JSONRPC' }),
      ['/supportedInterfaces/0/transport member_respelled'],
    ],
    [
      'an extension that is a bare URI',
      minimal({ capabilities: { extensions: ['urn:example:x'] } }),
      ['/capabilities/extensions/0 value_converted'],
    ],
    [
      'an extension without a URI',
      extensionWith({ uri: undefined }),
      ['/capabilities/extensions/0 value_dropped'],
    ],
    [
      'a parameter that JSON cannot carry on',
      extensionWith({ params: { a: Number.POSITIVE_INFINITY } }),
      ['/capabilities/extensions/0/params/a value_dropped'],
    ],
  ];

  it.each(cases)('tolerates %s and says so', (_, input, warnings) => {
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
    expect(accepted(minimal({ skills: undefined })).card.skills).toEqual([
      { id: 'echo', name: 'Echo', description: 'Says it again.', tags: [] },
    ]);
  });

  it('renames the second use of a skill id', () => {
    const skill = { id: 'a', name: 'A', description: 'A.', tags: ['a'] };
    const { card, warnings } = accepted(minimal({ skills: [skill, { ...skill, id: 'a-2' }, skill] }));
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
    const input = minimal({ supportedInterfaces: [one, socket, one, mail] });
    expect(accepted(input).card.supportedInterfaces).toEqual([one]);
    expect(warningsOf(input)).toEqual([
      '/supportedInterfaces/1 interface_dropped',
      '/supportedInterfaces/3 interface_dropped',
      '/supportedInterfaces/2 interface_repeated',
    ]);
  });

  it('takes the card-level version of a release candidate for interfaces without one', () => {
    const input = { ...interfaceWith({ protocolVersion: undefined }), protocolVersion: '0.3' };
    expect(accepted(input).card.supportedInterfaces[0]?.protocolVersion).toBe('0.3');
  });

  it('names 20 deviations at most, unknown members last, and counts the others', () => {
    const members = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x${index}`, 1]));
    const { warnings } = accepted(minimal({ ...members, version: undefined }));
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

describe('parseAgentCard on cards that could mislead or cannot be told', () => {
  const url = 'must be an absolute http(s) URL';
  const cases: [string, unknown, string][] = [
    ['what is not an object', [minimal()], ' must be an object'],
    [
      'a card without interfaces or url',
      minimal({ supportedInterfaces: [] }),
      '/supportedInterfaces required',
    ],
    [
      'a manifest that has a url and nothing else of a card',
      cardFixture('bad-manifest'),
      '/supportedInterfaces required',
    ],
    [
      'interfaces that are no list',
      minimal({ supportedInterfaces: {} }),
      '/supportedInterfaces must be an array',
    ],
    [
      'an interface that is no object',
      minimal({ supportedInterfaces: ['x'] }),
      '/supportedInterfaces/0 must be an object',
    ],
    [
      'only foreign bindings',
      interfaceWith({ protocolBinding: 'stdio' }),
      '/supportedInterfaces must name an A2A binding',
    ],
    ['a card without a name', minimal({ name: undefined }), '/name required'],
    ['a name of spaces', minimal({ name: ' \u200B ' }), '/name required'],
    ['a name that is no text', minimal({ name: { en: 'Echo' } }), '/name must be a string'],
    ['a name too long', minimal({ name: 'n'.repeat(257) }), '/name must have at most 256 characters'],
    ['a description that is no text', minimal({ description: 1 }), '/description must be a string'],
    [
      'a description too long',
      minimal({ description: 'd'.repeat(16_385) }),
      '/description must have at most 16384 characters',
    ],
    ['an interface without a URL', interfaceWith({ url: '' }), '/supportedInterfaces/0/url required'],
    ['a URL that is no text', interfaceWith({ url: 1 }), '/supportedInterfaces/0/url must be a string'],
    ['a relative URL', interfaceWith({ url: '/a2a' }), `/supportedInterfaces/0/url ${url}`],
    ['another scheme', interfaceWith({ url: 'file:///etc/passwd' }), `/supportedInterfaces/0/url ${url}`],
    ['a placeholder', cardFixture('bad-placeholder'), `/supportedInterfaces/1/url ${url}`],
    [
      'a placeholder in the path',
      interfaceWith({ url: 'https://echo.example.com/{agent}' }),
      `/supportedInterfaces/0/url ${url}`,
    ],
    [
      'a URL only some parsers would mend',
      interfaceWith({ url: 'https:\\\\echo.example.com' }),
      `/supportedInterfaces/0/url ${url}`,
    ],
    [
      'credentials in a URL',
      interfaceWith({ url: 'https://user:pw@echo.example.com/' }),
      '/supportedInterfaces/0/url must not have credentials',
    ],
    [
      'a fragment in a URL',
      interfaceWith({ url: 'https://echo.example.com/#x' }),
      '/supportedInterfaces/0/url must not have a fragment',
    ],
    [
      'a control character in a URL',
      interfaceWith({ url: 'https://echo.example\n.com/' }),
      '/supportedInterfaces/0/url must not have control or invisible characters',
    ],
    [
      'a protocol version that is none',
      interfaceWith({ protocolVersion: '2025-06-18' }),
      '/supportedInterfaces/0/protocolVersion must be Major.Minor',
    ],
    [
      'a tenant with a line break',
      interfaceWith({ tenant: 'a\r\nb' }),
      '/supportedInterfaces/0/tenant must not have control or invisible characters',
    ],
    [
      'too many interfaces',
      minimal({ supportedInterfaces: Array(65).fill({}) }),
      '/supportedInterfaces must have at most 64 items',
    ],
    [
      'capabilities that are a text',
      minimal({ capabilities: 'streaming' }),
      '/capabilities must be an object',
    ],
    ['skills that are no list', minimal({ skills: { echo: {} } }), '/skills must be an array'],
    ['a skill that is no object', minimal({ skills: [1] }), '/skills/0 must be an object'],
    [
      'a skill with neither id nor name',
      skillWith({ id: undefined, name: undefined }),
      '/skills/0/id required',
    ],
    [
      'a skill id with a bidirectional override',
      skillWith({ id: 'pay\u202Etxt' }),
      '/skills/0/id must not have control or invisible characters',
    ],
    ['too many skills', minimal({ skills: Array(1001).fill('x') }), '/skills must have at most 1000 items'],
    [
      'too many tags',
      skillWith({ tags: Array(201).fill('x') }),
      '/skills/0/tags must have at most 200 items',
    ],
    [
      'too many examples',
      skillWith({ examples: Array(101).fill('x') }),
      '/skills/0/examples must have at most 100 items',
    ],
    [
      'parameters nested too deep',
      extensionWith({ params: nested(17) }),
      `/capabilities/extensions/0/params${'/inner'.repeat(16)} must not nest deeper than 16`,
    ],
  ];

  it.each(cases)('refuses %s', (_, input, expected) => {
    expect(refusal(input)).toBe(expected);
  });

  it('names the first problem and counts the others', () => {
    const input = { ...minimal({ name: undefined, description: 1 }), skills: [{}] };
    expect(refusal(input)).toBe('/name required, and 2 more');
  });

  it('takes other limits', () => {
    const result = parseAgentCard(minimal(), { ...defaultCardLimits, maxNameLength: 3 });
    expect(result).toMatchObject({ ok: false, failure: { code: 'card_invalid', path: '/name' } });
  });
});

describe('parseAgentCard on hostile cards', () => {
  it('removes what would deceive a person or drive a terminal from names and texts', () => {
    const input = minimal({
      name: 'Bank\u202E\u200B of Y',
      description: 'Red \u001B[31m\u{E0041}text\r\nmore',
    });
    const { card, warnings } = accepted(input);
    expect([card.name, card.description]).toEqual(['Bank of Y', 'Red [31mtext\nmore']);
    expect(warnings).toEqual([
      { path: '/name', code: 'text_cleaned' },
      { path: '/description', code: 'text_cleaned' },
    ]);
  });

  it('keeps joiners that scripts need and makes lone surrogates encodable', () => {
    const { card } = accepted(minimal({ name: 'می\u200Cخواهم 👩\u200D🔧', description: 'half \uD83D' }));
    expect([card.name, card.description]).toEqual(['می\u200Cخواهم 👩\u200D🔧', 'half \uFFFD']);
  });

  it('never sets a prototype', () => {
    const params = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    const { card } = accepted(extensionWith({ params }));
    const copy = card.capabilities.extensions?.[0]?.params ?? {};
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(Object.keys(copy)).toEqual(['constructor']);
    expect({}).not.toHaveProperty('polluted');
  });

  it('reads own members only', () => {
    expect(refusal(Object.create(minimal()))).toBe('/supportedInterfaces required');
  });

  it('refuses nesting without end', () => {
    const params: Record<string, unknown> = {};
    params.inner = params;
    expect(refusal(extensionWith({ params }))).toContain('must not nest deeper than 16');
  });

  it('reads a card at every limit at once within a second', () => {
    const skill = {
      id: 'x',
      name: 'x',
      description: 'x',
      tags: Array(200).fill('x'),
      examples: Array(100).fill('x'),
    };
    const started = performance.now();
    expect(accepted(minimal({ skills: Array(1000).fill(skill) })).card.skills).toHaveLength(1000);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('parseAgentCard as a law', () => {
  it('never throws, and refuses with a JSON Pointer or gives what reads again as itself', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryCard, fc.jsonValue()), (input) => {
        const result = parseAgentCard(input);
        if (!result.ok) {
          expect(result.failure).toMatchObject({
            code: 'card_invalid',
            path: expect.stringMatching(/^(?:\/|$)/),
          });
          return;
        }
        expect(parseAgentCard(result.value.card)).toMatchObject({ ok: true, value: { warnings: [] } });
        expect(accepted(result.value.card).card).toEqual(result.value.card);
        expect(JSON.parse(JSON.stringify(result.value.card))).toEqual(result.value.card);
      }),
      { numRuns: 1000 },
    );
  });
});
