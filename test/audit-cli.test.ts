import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAuditSeals } from '../src/audit/seals.ts';
import { openEmbeddedAdapters } from '../src/runtimes/node/embedded-adapters.ts';
import { openDriver } from '../src/store/sqlite/driver.ts';
import { auditFindings, hourMs, runAudit, tellPermissions } from './support/audit-cli.ts';
import { newFolder } from './support/process.ts';
import { secretsInMemory } from './support/secrets-in-memory.ts';

let dataDir: string;
let config: string;

beforeEach(async () => {
  dataDir = newFolder();
  config = configFile();
  await write(['one', 'two', 'three', 'four', 'five']);
});

function configFile(members: Record<string, unknown> = {}): string {
  const file = join(newFolder(), 'gateway.yaml');
  const issuers = [{ issuer: 'https://issuer.test', audiences: ['x'] }];
  const settings = { publicUrl: 'http://127.0.0.1:1', issuers, search: { enabled: false }, dataDir };
  writeFileSync(file, JSON.stringify({ ...settings, ...members }));
  return file;
}

async function write(scopes: readonly string[], atMs?: number): Promise<void> {
  const clock = { nowMs: Date.now };
  await tellPermissions(await openEmbeddedAdapters({ dataDir, secretKey: undefined }, clock), scopes, atMs);
}

/** What somebody does to the file who can write to it. */
function tamper(...statements: string[]): void {
  const driver = openDriver(join(dataDir, 'gateway.db'));
  for (const sql of statements) driver.exec(sql);
  driver.close();
}

const run = (...args: string[]) => runAudit(...args, '-c', config);
const found = (...args: string[]) => auditFindings(...args, '-c', config);

/** Writes the lines of a run to a file. */
async function kept(...args: string[]): Promise<string> {
  const file = join(newFolder(), 'kept.jsonl');
  writeFileSync(file, (await run(...args)).out.map((line) => `${line}\n`).join(''));
  return file;
}

describe('a2a-gateway audit verify', () => {
  it('finds nothing in what nobody has touched, however many processes wrote', async () => {
    await write(['six', 'seven']);
    expect(await found()).toEqual([0]);
    expect(await run('verify')).toEqual({
      ...{ code: 0, err: [] },
      out: ['segments   7 in 2 chains', 'findings   none'],
    });
  });

  it.each([
    [
      'a byte',
      `UPDATE audit_segments SET records = replace(records, 'kim', 'kin') WHERE sequence = 3`,
      'altered 3',
    ],
    ['a time', 'UPDATE audit_segments SET at_ms = at_ms + 1 WHERE sequence = 3', 'missing 3 3', 'altered 3'],
    ['how long it is kept', 'UPDATE audit_segments SET expires_at_ms = 1 WHERE sequence = 3', 'altered 3'],
    ['a row that is gone', 'DELETE FROM audit_segments WHERE sequence = 3', 'missing 3 3'],
    ['the first rows gone', 'DELETE FROM audit_segments WHERE sequence < 3', 'missing 1 2'],
    ['a tail that is cut off', 'DELETE FROM audit_segments WHERE sequence > 3', 'missing 4 5'],
    ['a chain that is gone', 'DELETE FROM audit_segments', 'missing 1 5'],
    ['a head that is gone', 'DELETE FROM audit_heads', 'head_missing 5'],
  ])('finds %s', async (_, sql, ...findings) => {
    tamper(sql);
    expect(await found()).toEqual([...findings, 1]);
  });

  it('finds rows in each other’s place', async () => {
    tamper(
      'UPDATE audit_segments SET sequence = 30 WHERE sequence = 3',
      'UPDATE audit_segments SET sequence = 3 WHERE sequence = 4',
      'UPDATE audit_segments SET sequence = 4 WHERE sequence = 30',
    );
    expect(await found()).toEqual(['altered 3', 'altered 4', 'unlinked 5', 1]);
  });

  it('finds a row that is there twice, under another number', async () => {
    const others =
      'at_ms, expires_at_ms, records, previous_seal, previous_at_ms, previous_expires_at_ms, seal';
    tamper(
      `INSERT INTO audit_segments (chain_id, sequence, ${others})
         SELECT chain_id, 6, ${others} FROM audit_segments WHERE sequence = 5`,
    );
    expect(await found()).toEqual(['altered 6', 1]);
  });

  it('finds what was forged by another key', async () => {
    const records = '{"event":"change"}\n';
    const seal = await createAuditSeals({ secrets: secretsInMemory() }).seal('anything');
    tamper(`UPDATE audit_segments SET records = '${records}', seal = '${seal}' WHERE sequence = 5`);
    expect(await found()).toContain('altered 5');
    tamper(`UPDATE audit_segments SET seal = '7' || substr(seal, 2) WHERE sequence = 5`);
    expect(await found()).toContain('unknown_key 5');
  });

  it('finds with the heads of before what was cut off together with its head', async () => {
    const heads = await kept('verify', '--json');
    await write(['six']);
    expect(await found('--heads', heads)).toEqual([0]);
    const [six] = ['SELECT chain_id FROM audit_segments GROUP BY chain_id HAVING count(*) = 1'];
    tamper(
      `DELETE FROM audit_segments WHERE sequence > 3`,
      `UPDATE audit_heads SET sequence = 3, seal =
         (SELECT seal FROM audit_segments WHERE sequence = 3) WHERE chain_id NOT IN (${six})`,
    );
    expect(await found()).toEqual([0]);
    expect(await found('--heads', heads)).toEqual(['missing 4 5', 1]);
    tamper('DELETE FROM audit_segments', 'DELETE FROM audit_heads');
    expect(await found()).toEqual([0]);
    expect(await found('--heads', heads)).toEqual(['missing 1 5', 1]);
  });

  it('lets go what has expired', async () => {
    rmSync(dataDir, { recursive: true });
    await write(['old', 'older'], Date.now() - 25 * hourMs);
    tamper('DELETE FROM audit_segments WHERE sequence = 1');
    expect(await found()).toEqual([0]);
  });

  it('tells of findings in lines for people', async () => {
    tamper('DELETE FROM audit_segments WHERE sequence IN (2, 3)');
    const { code, out } = await run('verify');
    expect(code).toBe(1);
    expect(out).toEqual([
      expect.stringMatching(/^missing {6}chain [\w-]{36}, segment 2 to 3$/),
      ...['segments   3 in 1 chains', 'findings   1'],
    ]);
  });

  it('writes nothing to a terminal that a forger has written', async () => {
    tamper(`UPDATE audit_segments SET chain_id = char(27) || '[2J' || char(10) || 'findings   none'`);
    const { code, out } = await run('verify');
    expect(code).toBe(1);
    expect(out.length).toBeGreaterThan(5);
    for (const line of out) expect(line).toMatch(/^[ -~]+$/);
  });

  it.each([
    ['a chain', `UPDATE audit_segments SET chain_id = 'a' || char(0) || 'b'`],
    ['a time', 'UPDATE audit_segments SET at_ms = 9007199254740993'],
    ['the chain of a head', `UPDATE audit_heads SET chain_id = 'a' || char(0) || 'b'`],
  ])('comes to an end whatever a forger has written: %s that is not read as it is kept', async (_, sql) => {
    tamper(sql);
    const { code, err } = await run('verify');
    expect([code, err]).toEqual([
      1,
      ['a2a-gateway: the trail holds what no gateway writes, and is not read to its end'],
    ]);
  });

  it('says in one line what keeps it from looking', async () => {
    const heads = join(newFolder(), 'heads');
    writeFileSync(heads, '{}\n');
    expect(await run('verify', '--heads', heads)).toMatchObject({
      ...{ code: 1, out: [] },
      err: [`a2a-gateway: ${heads} holds no heads: they are what \`audit verify --json\` writes`],
    });
    for (const line of ['', 'x', 'null', '{"head":{"chainId":"c","sequence":1,"seal":"s","atMs":1}}']) {
      writeFileSync(heads, `{"segments":1}\n${line}\n`);
      expect((await run('verify', '--heads', heads)).err).toEqual([
        `a2a-gateway: line 2 is none that \`audit verify --json\` writes`,
      ]);
    }
    config = configFile({ dataDir: newFolder() });
    expect((await run('verify')).err).toEqual([expect.stringMatching(/^a2a-gateway: no gateway\.db in /)]);
  });
});

describe('a2a-gateway audit export', () => {
  it('writes every record as JSON, the oldest first', async () => {
    await write(['six']);
    const { code, out } = await run('export');
    expect(code).toBe(0);
    const records = out.map((line) => JSON.parse(line)).filter(({ event }) => event === 'change');
    expect(records.map(({ target }) => target)).toEqual(['one', 'two', 'three', 'four', 'five', 'six']);
    expect(records[0]).toMatchObject({ sequence: 1, subject: 'kim', after: { scope: 'one' } });
  });

  it('writes what was written in a time', async () => {
    await write(['six'], Date.now());
    const middle = new Date(Date.now() - hourMs / 2).toISOString();
    expect((await run('export', '--from', middle)).out).toHaveLength(2);
    expect((await run('export', '--to', middle)).out).toHaveLength(10);
    expect(await run('export', '--from', 'yesterday')).toMatchObject({
      err: ['a2a-gateway: --from is no time as in RFC 3339: 2026-01-31T00:00:00Z'],
    });
  });

  it('can be verified by itself', async () => {
    const file = await kept('export');
    const heads = await kept('verify', '--json');
    tamper('DELETE FROM audit_segments');
    expect(await found('--file', file)).toEqual([0]);
    expect(await found('--file', file, '--heads', heads)).toEqual([0]);
    const lines = (await run('verify', '--file', file)).out;
    expect(lines).toEqual(['segments   5 in 1 chains', 'findings   none']);
  });

  it.each<[string, (lines: string[]) => string[], (string | number)[]]>([
    [
      'a record that was changed',
      (all) => all.map((line) => line.replace('"two"', '"too"')),
      ['altered 2', 1],
    ],
    ['a record that was taken out', (all) => all.filter((_, n) => n !== 2), ['altered 2', 1]],
    ['a segment that was taken out', (all) => all.filter((_, n) => n !== 2 && n !== 3), ['missing 2 2', 1]],
    ['the beginning, which may be missing', (all) => all.slice(4), [0]],
    ['a record whose segment was taken out', (all) => all.slice(0, -1), ['unknown_key 5', 1]],
    ['the end, without heads', (all) => all.slice(0, -2), [0]],
  ])('shows %s when it is verified', async (_, change, findings) => {
    const file = join(newFolder(), 'changed.jsonl');
    writeFileSync(file, change((await run('export')).out).join('\n'));
    expect(await found('--file', file)).toEqual(findings);
  });
});
