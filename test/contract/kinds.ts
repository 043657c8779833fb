import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  addressesOf,
  type GivenAuth,
  partsOf,
  separated,
  shownAuth,
} from '../../src/backends/auth-config.ts';
import { authSchema } from '../../src/backends/auth-schema.ts';
import { backendSchema, locationOf } from '../../src/backends/backend-config.ts';
import type { CredentialKind } from '../../src/backends/credential.ts';
import type { TargetKind } from '../../src/backends/target.ts';
import { openApiDocument } from '../../src/http/openapi.ts';
import { routes } from '../../src/http/routes.ts';

/** JSON Schema, as far as it is looked at here. */
export interface Schema {
  description?: string;
  writeOnly?: boolean;
  const?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** What a body of the management routes may be, as `/openapi.json` says it. */
export function bodyInOpenApi(path: string, method: string, from: typeof routes = routes): Schema {
  const config = { publicUrl: 'https://a.example', agentsPath: '/agents', issuers: [] };
  const { paths } = openApiDocument(from, config, '1') as { paths: Record<string, Record<string, Body>> };
  return paths[path]?.[method]?.requestBody.content['application/json'].schema ?? {};
}

interface Body {
  requestBody: { content: { 'application/json': { schema: Schema } } };
}

/** The shape of one kind among those of a member. */
export function shapeOf(body: Schema, member: string, type: string): Schema | undefined {
  const found = body.properties?.[member];
  const choices = [found, ...(found?.anyOf ?? [])].flatMap((one) => one?.oneOf ?? one?.anyOf ?? []);
  return choices.find(({ properties }) => properties?.type?.const === type);
}

const bodies = [
  ['POST', bodyInOpenApi('/admin/agents', 'post')],
  ['PATCH', bodyInOpenApi('/admin/agents/{agentId}', 'patch')],
] as const;

/** Every member, of members too, by its path. */
function membersOf(schema: Schema, path = ''): [path: string, member: Schema][] {
  return Object.entries(schema.properties ?? schema.items?.properties ?? {}).flatMap(([name, member]) => [
    [path + name, member],
    ...membersOf(member, `${path}${name}.`),
  ]);
}

function undescribed(schema: Schema): string[] {
  const isDescribed = ({ description }: Schema) => /^\S.{3,}/.test(description ?? '');
  return membersOf(schema).flatMap(([path, member]) => (isDescribed(member) ? [] : [path]));
}

/** What every kind of credential promises. `given` is `authConfig` with the kind's example in it. */
export function credentialKindContract(kind: CredentialKind, given: GivenAuth, prefix = ''): void {
  describe(`the contract of a kind of credential: ${prefix}${kind.type}`, () => {
    const names = [...Object.keys(kind.members), ...Object.keys(kind.secrets)];
    const parsed = () => authSchema().parse(given);

    it('is told in a word and a sentence', () => {
      expect(kind.type).toMatch(/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/);
      expect(kind.summary).toMatch(/^[A-Z].*[.]$/);
    });

    it('brings an example that may be registered as it is, and no member it does not know', () => {
      expect(authSchema().safeParse(given)).toMatchObject({ success: true });
      const strange = { ...kind.example, 'no such member': 1 };
      const misgiven = prefix === '' ? strange : { ...given, [prefix.slice(0, -1)]: strange };
      expect(authSchema().safeParse(misgiven).success).toBe(false);
    });

    it.each(bodies)('is in the OpenAPI document of %s with every member, each described', (_, body) => {
      const whole = shapeOf(body, 'authConfig', given.type);
      const shape = prefix === '' ? whole : whole?.properties?.[prefix.slice(0, -1)];
      expect(Object.keys(shape?.properties ?? {})).toEqual(expect.arrayContaining(names));
      const { type: _type, ...described } = shape?.properties ?? {};
      expect(undescribed({ properties: described })).toEqual([]);
      const writeOnly = names.filter((name) => shape?.properties?.[name]?.writeOnly === true);
      expect(writeOnly).toEqual(Object.keys(kind.secrets));
    });

    it('shows no secret once it is kept, and only says which there are', () => {
      const { auth, secrets } = separated(parsed(), 'agents/a/1');
      const own = Object.keys(kind.secrets).filter((name) => prefix + name in secrets);
      expect(shownAuth(auth).secrets ?? []).toEqual(expect.arrayContaining(own.map((name) => prefix + name)));
      const part = partsOf(auth).find((one) => one.prefix === prefix);
      for (const name of Object.keys(kind.secrets)) expect(part?.members).not.toHaveProperty(name);
      expect(shownAuth(auth)).not.toHaveProperty('secretName');
    });

    it('names the addresses it calls by members that hold them', () => {
      const own = Object.entries(addressesOf(parsed())).filter(([name]) =>
        name.startsWith(`authConfig.${prefix}`),
      );
      for (const [name, url] of own) {
        const member = name.slice(`authConfig.${prefix}`.length);
        expect(kind.members).toHaveProperty(member);
        expect(URL.canParse(url)).toBe(true);
      }
    });

    it('refuses a secret that is no text, or empty', () => {
      for (const name of Object.keys(kind.secrets))
        for (const value of ['', 1, {}, ['a'], null])
          expect(
            z
              .strictObject(kind.secrets)
              .partial()
              .safeParse({ [name]: value }).success,
          ).toBe(false);
    });
  });
}

/** What every kind of backend promises. */
export function targetKindContract(kind: TargetKind): void {
  describe(`the contract of a kind of backend: ${kind.type}`, () => {
    const parsed = () => backendSchema.parse(kind.example);
    // Kinds that do not know where the card is are told.
    const isAlone = kind.problemWith?.(parsed(), {}) === undefined;
    const given = isAlone ? {} : { agentCardUrl: 'https://a.example.com/card.json' };

    it('is told in a word and a sentence', () => {
      expect(kind.type).toMatch(/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/);
      expect(kind.summary).toMatch(/^[A-Z].*[.]$/);
    });

    it('brings an example that may be registered as it is, and no member it does not know', () => {
      expect(kind.problemWith?.(parsed(), given)).toBeUndefined();
      expect(backendSchema.safeParse({ ...kind.example, 'no such member': 1 }).success).toBe(false);
    });

    it.each(bodies)('is in the OpenAPI document of %s with every member, each described', (_, body) => {
      const { type: _type, ...described } = shapeOf(body, 'backend', kind.type)?.properties ?? {};
      expect(Object.keys(described)).toEqual(Object.keys(kind.members));
      expect(undescribed({ properties: described })).toEqual([]);
    });

    it('says where its card is, and to which origins calls may go', () => {
      const { agentCardUrl, origins } = locationOf({ ...given, backend: parsed() });
      expect(URL.canParse(agentCardUrl)).toBe(true);
      expect(origins.length).toBeGreaterThan(0);
      for (const { origin, weight } of origins) {
        expect(new URL(origin).origin).toBe(origin);
        expect(weight).toBeGreaterThan(0);
      }
    });
  });
}
