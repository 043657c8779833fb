/**
 * Starts the conformance agent and a gateway before it that needs no token, until stopped:
 *
 *   npm run -s example:conformance-gateway -- [--gateway-port 8080] and what `main.ts` takes for the agent
 *
 * The gateway offers the agent in the versions it is told to speak.
 */
import { createLog } from '../../src/runtimes/node/log.ts';
import { parseCommandLine } from './options.ts';
import { protocols, versionOf } from './protocols.ts';
import { startConformanceGateway } from './serve.ts';
import { untilStopped } from './until-stopped.ts';

try {
  const { agent, gatewayPort: port } = parseCommandLine(process.argv.slice(2));
  // Kits of one version judge by it all they are shown, and ask for the card without naming it.
  const protocolVersions = [...new Set((agent.protocols ?? protocols).map(versionOf))];
  const log = createLog('warn');
  const running = await startConformanceGateway({ agent, port, protocolVersions, log });
  console.log(`agent ${running.agent.cardUrl}`);
  console.log(`ready ${running.agentUrl}`);
  await untilStopped();
  await running.close();
} catch (error) {
  console.error(`conformance gateway: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
