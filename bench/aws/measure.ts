import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { sendBody } from '../messages.ts';
import { authorizerEvent, proxyEvent } from './measuring/events.ts';
import { findNode, type Played, play, type Timing } from './measuring/process.ts';
import { type Surroundings, startSurroundings } from './measuring/surroundings.ts';

/**
 * How long the bundled functions take, cold and warm, beside the least function there can be, in turns:
 *
 *     NODE24=/path/to/node DYNAMODB_ENDPOINT=http://127.0.0.1:8000 node --import tsx bench/aws/measure.ts
 *
 * Cold is from the import of the bundle to its first answer, warm every answer after a few. Each call brings a token, a
 * scope and an agent never seen, as nearly all calls do where callers and instances are many. Without `DYNAMODB_ENDPOINT`, `aws-local` starts one.
 */

const turns = 9;
const warmCalls = 40;
/** Before the compiler has settled. */
const unsettled = 10;

const bundles = process.env.LAMBDA_BUNDLES ?? join(import.meta.dirname, '../../dist/lambda');

interface Contestant {
  name: string;
  bundle: string;
  events: unknown[];
  isGood(answer: string): boolean;
  cold: Timing[];
  imports: Timing[];
  warm: Timing[];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** @throws Error where neither an endpoint is given nor `aws-local` has one */
async function dynamoDb(): Promise<{ endpoint: string; close(): Promise<unknown> }> {
  const { DYNAMODB_ENDPOINT } = process.env;
  if (DYNAMODB_ENDPOINT !== undefined) return { endpoint: DYNAMODB_ENDPOINT, close: async () => {} };
  // By a path, so that the published benchmarks do not bring the local AWS along.
  const module = await import(
    pathToFileURL(join(import.meta.dirname, '../../aws-local/dynamodb-local.ts')).href
  );
  return module.startDynamoDbLocal();
}

/** Bundled as the others are, so that no compiler is measured. */
async function bundleStub(folder: string): Promise<string> {
  const outfile = join(folder, 'stub.mjs');
  const entryPoints = [join(import.meta.dirname, 'measuring/stub.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', target: 'node24' });
  return outfile;
}

const agentIds = Array.from({ length: warmCalls + 1 }, (_, index) => `bench-${index}`);

/** Registers an agent for every call, with a scope that permits it, by the management function itself. */
async function seed(node: string, { environment, agentUrl, token }: Surroundings): Promise<void> {
  const admin = await token('gateway:admin');
  const agentCardUrl = `${agentUrl}/.well-known/agent-card.json`;
  const events = agentIds.flatMap((agentId) => [
    proxyEvent({ method: 'POST', path: '/admin/agents', token: admin, body: { agentId, agentCardUrl } }),
    proxyEvent({
      method: 'PUT',
      path: `/admin/permissions/${agentId}`,
      token: admin,
      body: { allowedAgents: [agentId], operations: ['send', 'stream'] },
    }),
  ]);
  const { answers } = await play(node, join(bundles, 'management/index.mjs'), environment, events);
  for (const answer of answers) {
    if (!/"statusCode":20[01]/.test(answer)) throw new Error(`management answered ${answer.slice(0, 500)}`);
  }
}

async function contestants({ token }: Surroundings, stub: string): Promise<Contestant[]> {
  const calls = await Promise.all(
    agentIds.map(async (agentId) => ({
      method: 'POST',
      path: `/agents/${agentId}`,
      token: await token(agentId),
      body: JSON.parse(sendBody),
    })),
  );
  const sends = calls.map(proxyEvent);
  const counted = { cold: [], imports: [], warm: [] };
  const isAnswered = (answer: string) => answer.includes('ROLE_AGENT');
  const all = [
    { name: 'stub', bundle: stub, events: sends, isGood: isAnswered },
    {
      name: 'authorizer',
      bundle: join(bundles, 'authorizer/index.mjs'),
      events: calls.map(authorizerEvent),
      isGood: (answer: string) => answer.includes('execute-api:Invoke'),
    },
    { name: 'data-plane', bundle: join(bundles, 'data-plane/index.mjs'), events: sends, isGood: isAnswered },
  ];
  return all.map((contestant) => ({ ...structuredClone(counted), ...contestant }));
}

function take(contestant: Contestant, { imported, calls, answers }: Played): void {
  for (const answer of answers) {
    if (!contestant.isGood(answer)) throw new Error(`${contestant.name} answered ${answer.slice(0, 500)}`);
  }
  const [first = imported, ...rest] = calls;
  contestant.imports.push(imported);
  contestant.cold.push({ wallMs: imported.wallMs + first.wallMs, cpuMs: imported.cpuMs + first.cpuMs });
  contestant.warm.push(...rest.slice(unsettled));
}

function report(all: readonly Contestant[]): void {
  const [stub] = all;
  console.log(
    '| Function | What | ms | of the stub | CPU ms | of the stub |\n| --- | --- | --- | --- | --- | --- |',
  );
  for (const { name, ...timings } of all) {
    for (const [what, key] of [
      ['import', 'imports'],
      ['import to first answer', 'cold'],
      ['warm', 'warm'],
    ] as const) {
      const cells = (['wallMs', 'cpuMs'] as const).flatMap((unit) => {
        const value = median(timings[key].map((timing) => timing[unit]));
        const least = median((stub?.[key] ?? []).map((timing) => timing[unit]));
        return [value.toFixed(1), (value / least).toFixed(1)];
      });
      console.log(`| ${name} | ${what} | ${cells.join(' | ')} |`);
    }
  }
}

const node = findNode(process.env);
const hasBundles = ['authorizer', 'data-plane', 'management'].every((name) =>
  existsSync(join(bundles, name, 'index.mjs')),
);
if (!hasBundles) console.log(`No bundles in ${bundles} (npm run bundle): the stub alone is measured.\n`);
const table = hasBundles ? await dynamoDb() : undefined;
const surroundings = await startSurroundings(table?.endpoint);
const folder = mkdtempSync(join(tmpdir(), 'a2a-measure-'));
try {
  if (hasBundles) await seed(node, surroundings);
  const all = (await contestants(surroundings, await bundleStub(folder))).filter(({ bundle }) =>
    existsSync(bundle),
  );
  for (let turn = 0; turn <= turns; turn++) {
    for (const contestant of all) {
      const played = await play(node, contestant.bundle, surroundings.environment, contestant.events);
      if (turn > 0) take(contestant, played); // The first turn warms the disk's cache.
    }
  }
  report(all);
} finally {
  surroundings.close();
  rmSync(folder, { recursive: true });
  await table?.close();
}
