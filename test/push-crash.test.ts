import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { cites } from './support/cites.ts';
import { type GatewayProcess, newFolder, runGateway } from './support/process.ts';
import { type PushStand, startPushStand } from './support/push-stand.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';

// Processes are killed, and what they held is free again only seconds later.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const tasks = 10;
const ofTask = 10;

/** A gateway over a data folder, which tries again soon. Killed when the test is over. */
async function startGatewayOn(dataDir: string): Promise<GatewayProcess> {
  const file = join(newFolder(), 'gateway.yaml');
  const settings = {
    publicUrl: 'http://127.0.0.1:1',
    issuers: [{ issuer: 'http://127.0.0.1:1', audiences: ['a'] }],
    listen: { port: 0 },
    push: {
      upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] },
      ...{ timeoutMs: 1_000, maxAttempts: 100, minBackoffMs: 20, maxBackoffMs: 500 },
    },
    search: { enabled: false },
    dataDir,
  };
  writeFileSync(file, JSON.stringify(settings));
  const gateway = runGateway(['serve', '--config', file]);
  await gateway.ready;
  return gateway;
}

async function killed(gateway: GatewayProcess): Promise<void> {
  gateway.kill('SIGKILL');
  await gateway.ended;
}

/** Resolves when the gateway has logged so many attempts that failed. */
async function hasFailed({ err }: GatewayProcess, times: number): Promise<void> {
  const failures = () => err.filter((line) => line.includes('webhook failed')).length;
  await vi.waitFor(() => expect(failures()).toBeGreaterThanOrEqual(times), { timeout: 60_000, interval: 20 });
}

function idsOf({ received }: Receiver): Set<unknown> {
  return new Set(received.map(({ headers }) => headers['webhook-id']));
}

/** A hundred notifications accepted, by lane in the order of acceptance. */
async function accepted(stand: PushStand, url: string): Promise<Map<string, string[]>> {
  const lanes = new Map<string, string[]>();
  for (let task = 0; task < tasks; task++) lanes.set(await stand.webhook({ url: `${url}/${task}` }), []);
  for (let index = 0; index < ofTask; index++)
    for (const [pushId, ids] of lanes) ids.push(await stand.accept(pushId, `{"task":{"index":${index}}}`));
  return lanes;
}

it('a receiver that was down gets all, once by id and in order of each task, though the gateway is killed', async () => {
  cites('A2A-4.3.3-attempts');
  const dataDir = newFolder();
  const stand = await startPushStand(dataDir);
  const { url, close } = await startReceiver();
  await close();
  const lanes = await accepted(stand, url);

  // While it is down.
  let gateway = await startGatewayOn(dataDir);
  await hasFailed(gateway, tasks);
  await killed(gateway);
  gateway = await startGatewayOn(dataDir);
  await hasFailed(gateway, 1);

  // In the middle of what it is sent when it is up.
  const receiver = await startReceiver(Number(new URL(url).port));
  onTestFinished(() => receiver.close());
  await receiver.until(30);
  await killed(gateway);
  expect(idsOf(receiver).size).toBeLessThan(tasks * ofTask);
  await startGatewayOn(dataDir);
  for (let seen = 30; idsOf(receiver).size < tasks * ofTask; seen++) await receiver.until(seen);

  expect(await stand.dead()).toEqual([]);
  for (const [task, ids] of [...lanes.values()].entries()) {
    const sent = receiver.received.filter(({ target }) => target === `/${task}`);
    // What had arrived and was not struck off when the gateway died came again, and nothing else did.
    const distinct = sent.filter(
      ({ headers }, at) => headers['webhook-id'] !== sent[at - 1]?.headers['webhook-id'],
    );
    expect(distinct.map(({ headers }) => headers['webhook-id'])).toEqual(ids);
  }
  expect(receiver.received.length - tasks * ofTask).toBeLessThanOrEqual(tasks);
});
