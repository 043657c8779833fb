import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'undici';
import { eventsPerStream, sendBody, streamBody } from './messages.ts';

/** Measures the gateway against a bare proxy, in turns; see README.md beside this file. */

const connections = 32;
const turns = 6;
const turnMs = 2_000;

interface Contestant {
  name: string;
  process: ChildProcess;
  url: string;
  headers: Record<string, string>;
}

interface Turn {
  callsPerSecond: number;
  cpuUsPerCall: number;
}

async function start(
  name: string,
  ...args: string[]
): Promise<{ child: ChildProcess; ready: Record<string, string> }> {
  // Measured as published: the compiled files beside this one.
  const child = fork(new URL(`./${name}.js`, import.meta.url), args, {
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  const [ready] = (await once(child, 'message')) as [Record<string, string>];
  return { child, ready };
}

async function cpuUs(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ cpuUs: used }] = (await once(child, 'message')) as [{ cpuUs: number }];
  return used;
}

async function takeTurn(
  contestant: Contestant,
  body: string,
  check: (text: string) => boolean,
): Promise<Turn> {
  const dispatcher = new Agent({ connections, pipelining: 1 });
  const before = await cpuUs(contestant.process);
  const startedMs = performance.now();
  let calls = 0;
  const worker = async () => {
    while (performance.now() - startedMs < turnMs) {
      const { url, headers } = contestant;
      const answer = await request(url, { method: 'POST', headers, body, dispatcher });
      const text = await answer.body.text();
      if (answer.statusCode !== 200 || !check(text))
        throw new Error(`${contestant.name}: ${answer.statusCode} ${text}`);
      calls++;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - startedMs) / 1000;
  const used = (await cpuUs(contestant.process)) - before;
  await dispatcher.close();
  return { callsPerSecond: calls / seconds, cpuUsPerCall: used / calls };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function compare(
  title: string,
  contestants: readonly Contestant[],
  body: string,
  check: (text: string) => boolean,
) {
  const results = new Map<string, Turn[]>(contestants.map(({ name }) => [name, []]));
  for (let turn = 0; turn <= turns; turn++) {
    for (const contestant of contestants) {
      const result = await takeTurn(contestant, body, check);
      if (turn > 0) results.get(contestant.name)?.push(result); // The first turn warms up.
    }
  }
  const [bare, gateway] = contestants.map(({ name }) => {
    const taken = results.get(name) ?? [];
    return {
      callsPerSecond: median(taken.map((turn) => turn.callsPerSecond)),
      cpuUsPerCall: median(taken.map((turn) => turn.cpuUsPerCall)),
    };
  });
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
const gateway = await start('gateway', agentUrl);
const json = { 'content-type': 'application/json' };
const contestants: Contestant[] = [
  { name: 'bare', process: bare.child, url: bare.ready.url ?? '', headers: json },
  {
    name: 'gateway',
    process: gateway.child,
    url: gateway.ready.url ?? '',
    headers: { ...json, 'a2a-version': '1.0', authorization: `Bearer ${gateway.ready.token}` },
  },
];
await compare('send', contestants, sendBody, (text) => text.includes('"result"'));
await compare('stream', contestants, streamBody, (text) => text.split('\n\n').length - 1 === eventsPerStream);
for (const { child } of [agent, bare, gateway]) child.disconnect();
