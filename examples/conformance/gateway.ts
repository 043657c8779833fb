/**
 * Starts the conformance agent and a gateway before it that needs no token, until stopped:
 *
 *   npm run -s example:conformance-gateway -- [--gateway-port 8080] and what `main.ts` takes for the agent
 */
import { createLog } from '../../src/runtimes/node/log.ts';
import { parseCommandLine } from './options.ts';
import { startConformanceGateway } from './serve.ts';
import { untilStopped } from './until-stopped.ts';

try {
  const { agent, gatewayPort: port } = parseCommandLine(process.argv.slice(2));
  const running = await startConformanceGateway({ agent, port, log: createLog('warn') });
  console.log(`agent ${running.agent.cardUrl}`);
  console.log(`ready ${running.agentUrl}`);
  await untilStopped();
  await running.close();
} catch (error) {
  console.error(`conformance gateway: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
