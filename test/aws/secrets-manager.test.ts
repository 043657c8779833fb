import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  type CreateSecretCommandInput,
  DescribeSecretCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startMoto } from '../../aws-local/moto.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { GatewayError } from '../../src/failure.ts';
import type { Secrets } from '../../src/ports.ts';
import { createSecretsManagerSecrets } from '../../src/store/secrets-manager/secrets.ts';
import { secretsContract } from '../contract/secrets.ts';
import { localSettings } from './tables.ts';
import { describeWith } from './tools.ts';

describeWith(['moto'], 'Secrets Manager by moto', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startMoto();
  });
  afterAll(() => server.close());

  const newClient = () => new SecretsManagerClient({ ...localSettings, endpoint: server.endpoint });

  secretsContract('secrets manager', {
    open: async () => {
      const client = newClient();
      const secrets = createSecretsManagerSecrets({ client, prefix: `test/${randomUUID()}/` });
      return { secrets, close: async () => client.destroy() };
    },
    timeStepMs: 1_000,
    ownClock: true,
    propertyRuns: 20,
  });

  describe('what is at AWS', () => {
    let client: SecretsManagerClient;
    let prefix: string;
    let secrets: Secrets;
    let sent: { operation: string; input: Record<string, unknown> }[];
    beforeEach(() => {
      client = newClient();
      prefix = `test/${randomUUID()}/`;
      secrets = createSecretsManagerSecrets({ client, prefix });
      sent = [];
      client.middlewareStack.add(
        (next, { commandName }) =>
          (args) => {
            sent.push({ operation: commandName ?? '', input: { ...args.input } });
            return next(args);
          },
        { step: 'initialize' },
      );
    });

    it('has the prefix and the name, and what AWS does not take of it escaped', async () => {
      await secrets.put('agents/grün=1/%', 'value');
      await client.send(new DescribeSecretCommand({ SecretId: `${prefix}agents/gr=C3=BCn=3D1/=25` }));
      expect((await secrets.list('agents/grün=')).map(({ name }) => name)).toEqual(['agents/grün=1/%']);
    });

    it('is written without being read, under a token that tells nothing of the value', async () => {
      for (let n = 0; n < 2; n++) {
        await secrets.put('a', 'value');
        await secrets.put('b', 'value');
      }
      const operations = sent.map(({ operation }) => operation.replace('SecretCommand', ''));
      expect(operations.slice(0, 2)).toEqual(['Create', 'Create']);
      expect(operations.slice(2)).toEqual([
        'Create',
        'PutSecretValueCommand',
        'Create',
        'PutSecretValueCommand',
      ]);
      const tokens = sent.map(({ input }) => input.ClientRequestToken);
      expect(new Set(tokens).size).toBe(4);
      expect(tokens.every((token) => typeof token === 'string' && token.length >= 32)).toBe(true);
    });

    it('takes another value under a name', async () => {
      await secrets.put('a', 'one');
      await secrets.put('a', 'two');
      expect(await secrets.get('a')).toBe('two');
    });

    it('is sealed with the key that is named', async () => {
      const named = createSecretsManagerSecrets({ client, prefix, kmsKeyId: 'alias/gateway' });
      await named.put('a', 'value');
      expect(sent[0]?.input as unknown as CreateSecretCommandInput).toMatchObject({
        KmsKeyId: 'alias/gateway',
      });
    });

    it('is gone at once, and the name is free', async () => {
      await secrets.put('a', 'one');
      await secrets.delete('a');
      const { SecretList = [] } = await client.send(
        new ListSecretsCommand({
          IncludePlannedDeletion: true,
          Filters: [{ Key: 'name', Values: [prefix] }],
        }),
      );
      expect(SecretList).toEqual([]);
      await secrets.put('a', 'two');
      expect(await secrets.get('a')).toBe('two');
    });

    it('is told from what others keep, however near their names', async () => {
      const others = [
        `${prefix.slice(0, -1)}2/a`,
        `${prefix}=61`,
        `${prefix}=6`,
        `${prefix}=ZZ`,
        `${prefix}a=C3`,
      ];
      for (const Name of others) await client.send(new CreateSecretCommand({ Name, SecretString: 'x' }));
      await secrets.put('a', 'value');
      expect((await secrets.list('')).map(({ name }) => name)).toEqual(['a']);
    });

    it('is listed over many pages', async () => {
      const names = Array.from({ length: 230 }, (_, n) => `agents/a/${n}`);
      for (const name of names) await secrets.put(name, 'value');
      sent = [];
      expect((await secrets.list('agents/')).map(({ name }) => name).toSorted()).toEqual(names.toSorted());
      expect(sent).toHaveLength(3);
    });

    it('is refused before it is sent where AWS would not take it', async () => {
      const refused: [name: string, value: string][] = [
        ['a', ''],
        ['a', 's3cret'.repeat(11_000)],
        ['\ud800', 's3cret'],
        ['a'.repeat(500), 's3cret'],
      ];
      for (const [name, value] of refused) {
        const error = await secrets.put(name, value).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(TypeError);
        expect(String(error)).not.toContain('s3cret');
      }
      expect(sent).toEqual([]);
    });
  });

  it('fails in one line that names no secret when AWS does', async () => {
    const client = new SecretsManagerClient({
      ...localSettings,
      endpoint: 'http://127.0.0.1:1',
      maxAttempts: 1,
    });
    const secrets = createSecretsManagerSecrets({ client, prefix: 'p/' });
    const calls = [
      () => secrets.put('name', 's3cret'),
      () => secrets.create('name', 's3cret'),
      () => secrets.get('name'),
      () => secrets.delete('name'),
      () => secrets.list('name'),
    ];
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GatewayError);
      expect(error).toMatchObject({ failure: { code: 'store_unavailable' } });
      expect(String(error)).not.toMatch(/s3cret|name|\n/);
      expect((error as GatewayError).cause).toBeInstanceOf(Error);
    }
  });
});
