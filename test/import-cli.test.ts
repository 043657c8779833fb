import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.ts';
import { newFolder } from './support/process.ts';
import { answerJson, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

const token = 'the-token-of-the-administrator';

let server: ScriptedAgent;

beforeAll(async () => {
  server = await startScriptedAgent();
});

afterAll(() => server.close());

interface Ended {
  code: number;
  out: string[];
  err: string[];
}

/** Runs the import with these arguments beside the tables. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    env,
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    untilStopped: () => Promise.resolve(),
  };
  const tables = ['--agents-table', 'agents', '--permissions-table', 'permissions'];
  return { code: await main(['import', 'aws-sample', ...tables, ...args], io), out, err };
}

/** One line that says what keeps it from running, and nothing else. */
async function refusalOf(...given: Parameters<typeof run>): Promise<string> {
  const { code, out, err } = await run(...given);
  expect({ code, out, lines: err.length }).toEqual({ code: 1, out: [], lines: 1 });
  expect(err[0]).toMatch(/^a2a-gateway: \S[^\n]*$/);
  return err[0] ?? '';
}

const withToken = { A2A_TOKEN: token };

describe('where the gateway is', () => {
  it.each([
    ['http://gateway.example', /https/],
    ['http://127.0.0.1.example', /https/],
    ['http://10.0.0.1', /https/],
    ['ftp://gateway.example', /https/],
    ['gateway', /no URL/],
    ['https://user:pass@gateway.example', /user or password/],
    ['https://gateway.example/?a=1', /query/],
    ['https://gateway.example/#a', /fragment/],
  ])('is refused as %s', async (to, reason) => {
    const line = await refusalOf(['--to', to], withToken);
    expect(line).toMatch(reason);
    expect(line).not.toContain('pass@');
  });

  it('is taken without TLS on this machine, and asked before anything of AWS', async () => {
    server.script(answerJson({}, 401));
    const { port } = new URL(server.url);
    for (const host of ['127.0.0.1', 'localhost']) {
      const line = await refusalOf(['--to', `http://${host}:${port}/`], withToken);
      expect(line).toMatch(/refused the token.*gateway:admin/);
    }
    expect(server.seen.at(-1)).toMatchObject({ method: 'GET', target: '/admin/permissions?pageSize=1' });
  });
});

describe('the token', () => {
  function tokenFile(text: string): string {
    const file = join(newFolder(), 'token');
    writeFileSync(file, text);
    return file;
  }

  it('is read of a file before the environment, and sent', async () => {
    server.script(answerJson({}, 401));
    await refusalOf(['--to', server.url, '--token-file', tokenFile('of-the-file\n')], withToken);
    expect(server.seen.at(-1)?.headers.authorization).toBe('Bearer of-the-file');
    await refusalOf(['--to', server.url], withToken);
    expect(server.seen.at(-1)?.headers.authorization).toBe(`Bearer ${token}`);
  });

  it.each([
    ['nowhere', [], {}, /no token/],
    ['in an empty file', ['--token-file', tokenFile(' \n')], withToken, /no token/],
    ['in no file', ['--token-file', '/nowhere/token'], withToken, /ENOENT/],
    ['in lines of others', ['--token-file', tokenFile(`token=${token}\nb`)], {}, /no bearer token/],
  ])('is refused %s', async (_, args, env, reason) => {
    const line = await refusalOf(['--to', server.url, ...args], env);
    expect(line).toMatch(reason);
    expect(line).not.toContain(token);
  });

  it('is no argument', async () => {
    const { code, out, err } = await run(['--to', server.url, '--token', token]);
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err.join()).not.toContain(token);
  });
});

it('refuses operations nobody knows', async () => {
  for (const operations of ['send,all', ''])
    expect(await refusalOf(['--to', server.url, '--operations', operations], withToken)).toMatch(
      /--operations.*send,stream,read,cancel,push/,
    );
});

it('needs the tables and the gateway named', async () => {
  expect((await run([])).code).toBe(2);
});

it('leaves the AWS SDK unloaded until it imports', () => {
  const source = join(import.meta.dirname, '../src');
  const files = ['cli', 'import'].flatMap((part) =>
    readdirSync(join(source, part), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(source, part, file)),
  );
  const loading = files.filter((file) => /^import (?!type )[^;]*'@aws-sdk/m.test(readFileSync(file, 'utf8')));
  expect(loading).toEqual([]);
  expect(files.length).toBeGreaterThan(10);
});
