import { parseArgs } from 'node:util';
import type { ConformanceAgentOptions } from './agent.ts';
import { parseProtocols } from './protocols.ts';

/** The agent's options, and the gateway's port where there is one. */
export interface CommandLine {
  agent: ConformanceAgentOptions;
  gatewayPort: number;
}

/** @throws Error, TypeError with one line on what is wrong */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      port: { type: 'string', default: '9999' },
      'grpc-port': { type: 'string', default: '9998' },
      'gateway-port': { type: 'string', default: '8080' },
      protocols: { type: 'string' },
      'pace-ms': { type: 'string', default: '2000' },
      streaming: { type: 'boolean', default: true },
      push: { type: 'boolean', default: true },
      'extended-card': { type: 'string', default: 'served' },
      'require-extension': { type: 'boolean', default: false },
    },
  });
  return {
    agent: {
      protocols: parseProtocols(values.protocols),
      port: numberIn('port', values.port),
      grpcPort: numberIn('grpc-port', values['grpc-port']),
      paceMs: numberIn('pace-ms', values['pace-ms']),
      extendedCard: extendedCardIn(values['extended-card']),
      streaming: values.streaming,
      pushNotifications: values.push,
      requireExtension: values['require-extension'],
    },
    gatewayPort: numberIn('gateway-port', values['gateway-port']),
  };
}

function numberIn(name: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new Error(`--${name} ${text}: give a number`);
  return Number(text);
}

function extendedCardIn(text: string): 'served' | 'declared' | 'none' {
  if (text === 'served' || text === 'declared' || text === 'none') return text;
  throw new Error(`--extended-card ${text}: give served, declared or none`);
}
