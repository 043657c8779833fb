import { eventsPerStream, firstBody, sendBody, streamBody } from './messages.ts';
import { type Contestant, measure, start } from './turns.ts';

/** Measures the gateway against a bare proxy, in turns; see README.md beside this file. */

async function compare(
  title: string,
  contestants: readonly Contestant[],
  body: string,
  check: (text: string) => boolean,
) {
  const [bare, gateway] = await measure(contestants, body, check);
  if (bare === undefined || gateway === undefined) throw new TypeError('two contestants are compared');
  const throughput = gateway.callsPerSecond / bare.callsPerSecond;
  const cpu = bare.cpuUsPerCall / gateway.cpuUsPerCall;
  console.log(
    `${title.padEnd(8)} gateway/bare throughput ${throughput.toFixed(2)}  (${gateway.callsPerSecond.toFixed(0)} / ` +
      `${bare.callsPerSecond.toFixed(0)} a second)   bare/gateway CPU a call ${cpu.toFixed(2)}  ` +
      `(${bare.cpuUsPerCall.toFixed(0)} / ${gateway.cpuUsPerCall.toFixed(0)} us)`,
  );
}

const agent = await start('agent');
const agentUrl = agent.ready.url ?? '';
const bare = await start('bare-proxy', `${agentUrl}/rpc`);
const registration = { agentId: 'bench', agentCardUrl: `${agentUrl}/.well-known/agent-card.json` };
const gateway = await start('gateway', JSON.stringify({ registrations: [registration] }));
const json = { 'content-type': 'application/json' };
const contestants: Contestant[] = [
  { name: 'bare', process: bare.child, url: bare.ready.url ?? '', headers: json },
  {
    name: 'gateway',
    process: gateway.child,
    url: `${gateway.ready.url}/agents/bench`,
    headers: { ...json, 'a2a-version': '1.0', authorization: `Bearer ${gateway.ready.token}` },
  },
];
await compare('send', contestants, sendBody, (text) => text.includes('"result"'));
await compare('first', contestants, firstBody, (text) => text.includes('"result"'));
await compare('stream', contestants, streamBody, (text) => text.split('\n\n').length - 1 === eventsPerStream);
for (const { child } of [agent, bare, gateway]) child.disconnect();
