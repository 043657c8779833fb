import { App, Stack, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeedAgent } from '../../infra/seed-props.ts';
import { createSeeds } from '../../infra/seeds.ts';
import type { CredentialKind } from '../../src/backends/credential.ts';
import { companionKinds, credentialKinds, targetKinds } from '../../src/backends/kinds.ts';
import type { TargetKind } from '../../src/backends/target.ts';
import { parseSeed } from '../../src/runtimes/lambda/seed-properties.ts';
import { newOutdir, synthesise } from './synthesis.ts';
import { backends, billingWith, clientSecretArn, seeded } from './variants.ts';

describe('seeds', () => {
  it('are there only where something is seeded', () => {
    expect(synthesise().all('Custom::A2AGatewaySeeds')).toEqual({});
  });

  it('say what to register and where secrets are, and no secret', () => {
    const properties = synthesise((stack) => ({ ...seeded(stack), seedsRevision: '7' })).only(
      'Custom::A2AGatewaySeeds',
    );
    expect(properties.ServiceToken).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^GatewaySeed/), 'Arn'] });
    expect(parseSeed(asHandedOn(properties))).toMatchObject({
      revision: '7',
      agents: [
        {
          agentId: 'echo',
          agentCardUrl: 'https://echo.example.com/card.json',
          publicCard: true,
          tags: [],
          authConfig: { type: 'none' },
        },
        {
          agentId: 'billing',
          tags: ['finance'],
          publicCard: false,
          authConfig: {
            type: 'oauth2_client_credentials',
            tokenUrl: 'https://login.example.com/token',
            clientId: 'gateway',
            clientSecretArn,
          },
        },
      ],
      permissions: [
        {
          scope: 'finance',
          allowedAgents: ['tag:finance'],
          operations: ['send', 'stream', 'read', 'cancel'],
        },
      ],
    });
  });

  it('arrive as they were given, numbers and booleans too', () => {
    const { agents = [] } = backends(newStack());
    const properties = synthesise(backends).only('Custom::A2AGatewaySeeds');
    expect(parseSeed(asHandedOn(properties)).agents).toMatchObject(agents);
  });

  it('wait in a VPC for the ways out of it', () => {
    const { all } = synthesise((stack) => ({ endpointType: 'PRIVATE', ...seeded(stack) }));
    const [seeds] = Object.values(all('Custom::A2AGatewaySeeds'));
    expect(seeds?.DependsOn?.filter((id) => id.includes('Endpoint'))).not.toEqual([]);
  });

  it('bring no secret into the template, even of a secret of the same stack', () => {
    const { template } = synthesise((stack) => {
      // The CDK's types are not written for exactOptionalPropertyTypes.
      const clientSecret = new secretsmanager.Secret(stack, 'Secret') as secretsmanager.ISecret;
      return billingWith(clientSecret);
    });
    const text = JSON.stringify(template);
    expect(text).not.toContain('{{resolve:');
    expect(text).not.toMatch(/"(?:clientSecret|ClientSecret|SecretKey)\\*"/);
  });
});

describe('seeds of every kind', () => {
  const someSecretArn = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:some-AbCdEf';
  const base = { agentId: 'a', agentCardUrl: 'https://a.example.com/card.json' };

  /** An example with a secret of the account in the place of each secret. */
  function declared(
    stack: Stack,
    { example, secrets }: Pick<CredentialKind, 'example' | 'secrets'>,
  ): Record<string, unknown> {
    const secret = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', someSecretArn);
    const entries = Object.entries(example).map(([name, value]) => [name, name in secrets ? secret : value]);
    return Object.fromEntries(entries);
  }

  it.each(credentialKinds.map((kind) => [kind.type, kind] as const))(
    '%s: with each secret by its name',
    (type, kind) => {
      const stack = newStack();
      const authConfig = { type, ...declared(stack, kind) };
      const { authConfig: arrived } = arrivedOf(stack, { ...base, authConfig });
      for (const [name, value] of Object.entries(kind.example))
        if (name in kind.secrets) {
          expect(arrived).toHaveProperty(`${name}Arn`, someSecretArn);
          expect(JSON.stringify(arrived)).not.toContain(JSON.stringify(value));
        } else expect(arrived).toHaveProperty(name, value);
    },
  );

  it.each(Object.entries(companionKinds))('the companion %s: likewise', (member, kind) => {
    const stack = newStack();
    const { type: _, ...members } = declared(stack, kind);
    const { authConfig } = arrivedOf(stack, { ...base, authConfig: { type: 'none', [member]: members } });
    for (const name of Object.keys(kind.example))
      if (name in kind.secrets) expect(authConfig).toHaveProperty([member, `${name}Arn`], someSecretArn);
  });

  const places: readonly TargetKind[] = targetKinds;
  it.each(places.map((kind) => [kind.type, kind] as const))('%s: as its example has it', (_, kind) => {
    const { type: __, ...members } = kind.example;
    const isUrlNeeded = kind.problemWith?.(members, {}) !== undefined;
    // A test of the kinds holds their examples against the schema.
    const backend = kind.example as { type: string };
    const given: SeedAgent = { ...(isUrlNeeded ? base : { agentId: 'a' }), backend };
    expect(arrivedOf(newStack(), given).backend).toMatchObject(kind.example);
  });

  it('with any deadlines and limits', () => {
    const ms = fc.option(fc.integer({ min: 1, max: 60_000 }), { nil: undefined });
    const deadlines = fc.record({ connectTimeoutMs: ms, idleTimeoutMs: ms, totalTimeoutMs: ms });
    const limits = fc.record({ maxConcurrentCalls: ms, queueTimeoutMs: ms });
    fc.assert(
      fc.property(deadlines, limits, fc.boolean(), (deadlines, limits, publicCard) => {
        // Absent and undefined are one here.
        const given = JSON.parse(JSON.stringify({ ...base, deadlines, limits, publicCard })) as SeedAgent;
        expect(arrivedOf(newStack(), given)).toEqual({ ...given, tags: [], authConfig: { type: 'none' } });
      }),
      { numRuns: 30 },
    );
  });
});

function newStack(): Stack {
  return new Stack(new App({ outdir: newOutdir(), analyticsReporting: false }), 'Test');
}

/** An agent as the seed function reads it. */
function arrivedOf(stack: Stack, agent: SeedAgent) {
  const seed = { functionArn: 'arn:aws:lambda:eu-central-1:111111111111:function:seed' };
  // All that is asked of the function is its ARN.
  createSeeds(stack, { agents: [agent] }, seed as Parameters<typeof createSeeds>[2], []);
  // `newStack` made it below one.
  const { Resources } = (stack.node.root as App).synth().getStackByName('Test').template;
  const [arrived] = parseSeed(asHandedOn(Resources.Seeds.Properties)).agents;
  if (arrived === undefined) throw new Error('no agent');
  return arrived;
}

/** What a function gets of a resource's properties: CloudFormation makes text of numbers and booleans. */
function asHandedOn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asHandedOn);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asHandedOn(member)]));
}
