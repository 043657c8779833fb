import { afterEach, beforeEach, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { type PushStand, startPushStand } from './support/push-stand.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';

/** What administrators see of notifications that no webhook took, and do about them. */

let gateway: TestGateway;
let stand: PushStand;
let receiver: Receiver;

beforeEach(async () => {
  [gateway, receiver] = await Promise.all([startGateway({ registration: null }), startReceiver()]);
  stand = await startPushStand(gateway.dataDir);
});
afterEach(() => Promise.all([gateway.close(), receiver.close()]));

const path = '/admin/push/dead-letters';

interface Letters {
  deadLetters: Record<string, unknown>[];
  nextPageToken: string;
  totalSize: number;
}

async function letters(query = ''): Promise<Letters> {
  const response = await gateway.admin('GET', `${path}${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Letters;
}

async function refusal(response: Response): Promise<unknown> {
  const { error } = (await response.json()) as { error: { details: { reason: string }[] } };
  return [response.status, error.details[0]?.reason];
}

/** A letter that its receiver wanted never again; answers its lane and its id. */
async function deadLetter(agentId = 'agent', body = '{"secret":"body"}') {
  receiver.answer(() => 410);
  const pushId = await stand.webhook(
    {
      url: `${receiver.url}/secret-path?secret-query`,
      token: 'secret-token',
      authentication: { scheme: 'Bearer', credentials: 'secret-credentials' },
    },
    { agentId, taskId: 'task' },
  );
  const deliveryId = await stand.accept(pushId, body, 'application/json', agentId);
  const before = (await stand.dead()).length;
  await stand.workOut(pushId);
  expect(await stand.dead()).toHaveLength(before + 1);
  receiver.answer(() => 204);
  return { pushId, deliveryId };
}

it('a dead letter is shown by its task and the origin of its receiver, and nothing else of the webhook', async () => {
  const { deliveryId, pushId } = await deadLetter();
  const shown = await letters();
  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(shown).toEqual({
    deadLetters: [
      {
        ...{ deliveryId, agentId: 'agent', taskId: 'task', receiver: receiver.url },
        ...{ problem: 'status_410', attempts: 1, acceptedAt: at, diedAt: at },
      },
    ],
    ...{ nextPageToken: '', totalSize: 1 },
  });
  expect(JSON.stringify(shown)).not.toContain('secret');
  expect(JSON.stringify(shown)).not.toContain(pushId);
});

it('dead letters come in pages, the latest first, of all agents or of one', async () => {
  const ids: string[] = [];
  for (const agentId of ['one', 'other', 'one']) ids.unshift((await deadLetter(agentId)).deliveryId);
  const first = await letters('?pageSize=2');
  const second = await letters(`?pageSize=2&pageToken=${first.nextPageToken}`);
  const listed = [...first.deadLetters, ...second.deadLetters].map(({ deliveryId }) => deliveryId);
  expect(listed).toEqual(ids);
  expect([first.totalSize, second.nextPageToken]).toEqual([3, '']);
  const ofOne = await letters('?agentId=one');
  expect(ofOne.deadLetters.map(({ deliveryId }) => deliveryId)).toEqual([ids[0], ids[2]]);
  expect(await refusal(await gateway.admin('GET', `${path}?agentId=No%20Agent`))).toEqual([
    400,
    'PARAMETER_INVALID',
  ]);
});

it('a dead letter is sent again, by the process itself, once', async () => {
  const { deliveryId } = await deadLetter();
  expect((await gateway.admin('POST', `${path}/${deliveryId}/retry`)).status).toBe(204);
  await receiver.until(2);
  const sent = receiver.received.map(({ headers, body }) => [headers['webhook-id'], body]);
  expect(sent).toEqual([1, 2].map(() => [deliveryId, '{"secret":"body"}']));
  expect((await letters()).totalSize).toBe(0);
  expect(await refusal(await gateway.admin('POST', `${path}/${deliveryId}/retry`))).toEqual([
    404,
    'DEAD_LETTER_NOT_FOUND',
  ]);
});

it('a dead letter whose webhook is gone is shown as that, and cannot be sent again', async () => {
  const { pushId, deliveryId } = await deadLetter();
  await stand.push.configs.delete(pushId);
  const [letter] = (await letters()).deadLetters;
  expect(letter).toMatchObject({ deliveryId, problem: 'status_410' });
  expect(letter).not.toHaveProperty('receiver');
  expect(await refusal(await gateway.admin('POST', `${path}/${deliveryId}/retry`))).toEqual([
    404,
    'DEAD_LETTER_NOT_FOUND',
  ]);
});

it('a dead letter is forgotten, once', async () => {
  const { deliveryId } = await deadLetter();
  expect((await gateway.admin('DELETE', `${path}/${deliveryId}`)).status).toBe(204);
  expect((await letters()).deadLetters).toEqual([]);
  expect(await refusal(await gateway.admin('DELETE', `${path}/${deliveryId}`))).toEqual([
    404,
    'DEAD_LETTER_NOT_FOUND',
  ]);
});

it('only administrators see and touch them', async () => {
  const { deliveryId } = await deadLetter();
  const owner = await gateway.issuer.token({ scope: 'gateway:register demo' });
  for (const [method, target] of [
    ['GET', path],
    ['POST', `${path}/${deliveryId}/retry`],
    ['DELETE', `${path}/${deliveryId}`],
  ] as const) {
    const headers = { authorization: `Bearer ${owner}` };
    expect(await refusal(await gateway.fetch(target, { method, headers }))).toEqual([403, 'SCOPE_MISSING']);
  }
  expect((await letters()).totalSize).toBe(1);
});
