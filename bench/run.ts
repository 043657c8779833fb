import { eventsPerStream, firstBody, sendBody, streamBody } from './messages.ts';
import { type Contestant, type Load, measure, start } from './turns.ts';

/** Measures the gateway against a bare proxy, in turns; see README.md beside this file. */

async function compare(title: string, contestants: readonly Contestant[], load: Load) {
  const [of, other] = await measure(contestants, load);
  if (of === undefined || other === undefined) throw new TypeError('two contestants are compared');
  const names = contestants.map(({ name }) => name);
  const throughput = other.callsPerSecond / of.callsPerSecond;
  const cpu = of.cpuUsPerCall / other.cpuUsPerCall;
  console.log(
    `${title.padEnd(8)} ${names.toReversed().join('/')} throughput ${throughput.toFixed(2)}  ` +
      `(${other.callsPerSecond.toFixed(0)} / ${of.callsPerSecond.toFixed(0)} a second)   ` +
      `${names.join('/')} CPU a call ${cpu.toFixed(2)}  ` +
      `(${of.cpuUsPerCall.toFixed(0)} / ${other.cpuUsPerCall.toFixed(0)} us)`,
  );
}

const agent = await start('agent');
const agentUrl = agent.ready.url ?? '';
const bare = await start('bare-proxy', `${agentUrl}/rpc`);
const registration = { agentId: 'bench', agentCardUrl: `${agentUrl}/.well-known/agent-card.json` };
const json = { 'content-type': 'application/json' };
const bareProxy: Contestant = { name: 'bare', process: bare.child, url: bare.ready.url ?? '', headers: json };

async function startGateway(name: string, control?: 'all' | 'none'): Promise<Contestant> {
  const { child, ready } = await start('gateway', JSON.stringify({ registrations: [registration], control }));
  const token = control === 'none' ? {} : { authorization: `Bearer ${ready.token}` };
  return {
    name,
    process: child,
    url: `${ready.url}/agents/bench`,
    headers: { ...json, 'a2a-version': '1.0', ...token },
  };
}

const check = (text: string) => text.includes('"result"');
const send: Load = { body: sendBody, check };
const first: Load = { body: firstBody, check };
const stream: Load = {
  body: streamBody,
  check: (text) => text.split('\n\n').length - 1 === eventsPerStream,
  weight: eventsPerStream,
};

const gateway = await startGateway('gateway');
await compare('send', [bareProxy, gateway], send);
await compare('first', [bareProxy, gateway], first);
await compare('stream', [bareProxy, gateway], stream);
gateway.process.disconnect();

const open = await startGateway('open', 'none');
const controlled = await startGateway('controlled', 'all');
await compare('control', [open, controlled], send);
await compare('c-stream', [open, controlled], stream);
for (const process of [agent.child, bare.child, open.process, controlled.process]) process.disconnect();
