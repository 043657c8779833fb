import { createLog } from '../../runtimes/node/log.ts';
import type { Running } from '../../runtimes/node/serve.ts';
import type { Io } from '../io.ts';

/** `a2a-gateway dev`: newcomer mode, until stopped. @throws whatever keeps it from starting */
export async function dev(io: Io): Promise<void> {
  // Loaded here, so that `serve` never loads the issuer and the examples.
  const { newcomerSettings, startNewcomer } = await import('../../runtimes/node/newcomer.ts');
  const { log } = newcomerSettings(io.env);
  const running = await startNewcomer({ environment: io.env, log: createLog(log.level) });
  for (const line of firstSteps(running)) io.out(line);
  io.out(`ready ${running.url}`);
  await io.untilStopped();
  await running.close();
}

function firstSteps({ url, grpcAddress }: Running): string[] {
  return [
    'A2A gateway, newcomer mode: everything here is on this machine and for trying out.',
    '',
    'Clients   admin, alice, bob, carol; the secret of each is <name>-secret',
    'Agents    echo, writer, researcher, booking; veteran speaks 0.3, the others 1.0',
    ...(grpcAddress === undefined
      ? []
      : [`gRPC      ${grpcAddress}, without TLS; the agent's id is the tenant`]),
    '',
    'Get a token:',
    `  TOKEN=$(curl -s -u alice:alice-secret -d grant_type=client_credentials ${url}/dev/issuer/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    'See who is there:',
    `  curl -s -H "Authorization: Bearer $TOKEN" ${url}/agents`,
    'Call one:',
    `  curl -s -H "Authorization: Bearer $TOKEN" -H 'A2A-Version: 1.0' -H 'Content-Type: application/json' ${url}/agents/echo/message:send -d '{"message":{"messageId":"1","role":"ROLE_USER","parts":[{"text":"hello"}]}}'`,
    'Find one for a need, and ask it:',
    `  node --import tsx examples/find-agents.ts 'Book a table for two' ${url}`,
    'All of it, with the official SDK:',
    `  node --import tsx examples/call-agents.ts ${url}`,
    '',
  ];
}
