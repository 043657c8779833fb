/**
 * Starts the conformance agent, until stopped:
 *
 *   npm run -s example:conformance -- [--port 9999] [--grpc-port 9998] [--protocols jsonrpc-1.0,grpc-1.0,…]
 *     [--pace-ms 2000] [--no-streaming] [--no-push] [--extended-card served|declared|none] [--require-extension]
 */
import { parseArgs } from 'node:util';
import { type ConformanceAgentOptions, startConformanceAgent } from './agent.ts';
import { parseProtocols } from './protocols.ts';
import { untilStopped } from './until-stopped.ts';

function optionsIn(args: string[]): ConformanceAgentOptions {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      port: { type: 'string', default: '9999' },
      'grpc-port': { type: 'string', default: '9998' },
      protocols: { type: 'string' },
      'pace-ms': { type: 'string', default: '2000' },
      streaming: { type: 'boolean', default: true },
      push: { type: 'boolean', default: true },
      'extended-card': { type: 'string', default: 'served' },
      'require-extension': { type: 'boolean', default: false },
    },
  });
  const { streaming, push: pushNotifications, 'require-extension': requireExtension } = values;
  return {
    protocols: parseProtocols(values.protocols),
    port: Number(values.port),
    grpcPort: Number(values['grpc-port']),
    paceMs: Number(values['pace-ms']),
    extendedCard: extendedCardIn(values['extended-card']),
    ...{ streaming, pushNotifications, requireExtension },
  };
}

function extendedCardIn(text: string): 'served' | 'declared' | 'none' {
  if (text === 'served' || text === 'declared' || text === 'none') return text;
  throw new Error(`--extended-card ${text}: give served, declared or none`);
}

try {
  const agent = await startConformanceAgent(optionsIn(process.argv.slice(2)));
  console.log(`gRPC  ${agent.grpcTarget}`);
  console.log(`ready ${agent.cardUrl}`);
  await untilStopped();
  await agent.close();
} catch (error) {
  console.error(`conformance agent: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
