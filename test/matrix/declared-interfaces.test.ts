import { TaskState } from '@a2a-js/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingOf, type Protocol, protocols, versionOf } from '../../examples/conformance/protocols.ts';
import { cites } from '../support/cites.ts';
import { titleOf } from './cells.ts';
import { sendForTask } from './scenario.ts';
import { sdkClient } from './sdk-client.ts';
import { agentIdOf, type MatrixStand, startMatrixStand } from './stand.ts';

/** What the card of an agent declares, whatever the agent speaks, and whether it is there (A2A §5.1, §4.4.6). */

let stand: MatrixStand;
beforeAll(async () => {
  stand = await startMatrixStand();
});
afterAll(() => stand.close());

interface Declared {
  url: string;
  protocolBinding: string;
  protocolVersion: string;
  tenant?: string;
}

/** As readers of a version ask for it; those of 0.3 name none. */
async function cardOf(agent: Protocol, version: '1.0' | ''): Promise<Record<string, unknown>> {
  const path = `/agents/${agentIdOf(agent, 'full')}/.well-known/agent-card.json`;
  const answer = await stand.gateway.fetch(path, { headers: { 'a2a-version': version } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>; // A card is an object.
}

async function interfacesOf(agent: Protocol): Promise<Declared[]> {
  return (await cardOf(agent, '1.0')).supportedInterfaces as Declared[]; // Each read below.
}

function protocolOf({ protocolBinding, protocolVersion }: Declared): Protocol {
  const found = protocols.find(
    (each) => bindingOf(each) === protocolBinding && versionOf(each) === protocolVersion,
  );
  if (found === undefined) throw new Error(`${protocolBinding} ${protocolVersion} is no protocol of A2A`);
  return found;
}

describe.each(protocols.map((agent) => [titleOf(agent), agent] as const))('an agent of %s', (_, agent) => {
  it('is declared in every protocol, in each version its own first, and in 1.0 before 0.3', async () => {
    const declared = (await interfacesOf(agent)).map(protocolOf);
    expect(new Set(declared)).toEqual(new Set(protocols));
    expect(declared).toHaveLength(protocols.length);
    expect(declared.map(versionOf)).toEqual(['1.0', '1.0', '1.0', '0.3', '0.3', '0.3']);
    expect(declared.find((each) => versionOf(each) === versionOf(agent))).toBe(agent);
  });

  it('is declared to readers of 0.3 in what 0.3 has', async () => {
    const { url, preferredTransport, additionalInterfaces } = await cardOf(agent, '');
    const all = [{ url, transport: preferredTransport }, ...(additionalInterfaces as readonly object[])];
    const ofLegacy = (await interfacesOf(agent)).filter(({ protocolVersion }) => protocolVersion === '0.3');
    const expected = ofLegacy.map((each) => ({ url: each.url, transport: each.protocolBinding }));
    for (const each of expected) expect(all).toContainEqual(each);
  });

  it.each(protocols.map((protocol) => [titleOf(protocol), protocol] as const))(
    'is where its card says, in %s',
    async (_title, protocol) => {
      cites('A2A-4.4.6-declared-work', titleOf(protocol));
      const declared = (await interfacesOf(agent)).find((each) => protocolOf(each) === protocol);
      const { url = '', tenant } = declared ?? {};
      // The card has the public addresses, where nobody listens in a test.
      const reached = url.replace('http://127.0.0.1:1/', `${stand.gateway.url}/`);
      const { tenant: _, ...through } = stand.through(agent, 'full');
      const place = { ...through, rpcUrl: reached, restUrl: reached, authority: url };
      const client = await sdkClient(protocol, { ...place, ...(tenant !== undefined && { tenant }) });
      const { status } = await sendForTask(client, { prefix: 'tck-complete-task' });
      expect(status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    },
  );
});
