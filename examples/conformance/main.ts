/**
 * Starts the conformance agent, until stopped:
 *
 *   npm run -s example:conformance -- [--port 9999] [--grpc-port 9998] [--protocols jsonrpc-1.0,grpc-1.0,…]
 *     [--pace-ms 2000] [--no-streaming] [--no-push] [--extended-card served|declared|none] [--require-extension]
 */
import { startConformanceAgent } from './agent.ts';
import { parseCommandLine } from './options.ts';
import { untilStopped } from './until-stopped.ts';

try {
  const agent = await startConformanceAgent(parseCommandLine(process.argv.slice(2)).agent);
  console.log(`gRPC  ${agent.grpcTarget}`);
  console.log(`ready ${agent.cardUrl}`);
  await untilStopped();
  await agent.close();
} catch (error) {
  console.error(`conformance agent: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
