import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CellGateway } from './cell-caller.ts';
import { onThisMachine } from './gateway.ts';
import { grpcSettings } from './grpc.ts';
import { type TestIssuer, testAudience } from './issuer.ts';
import { type GatewayProcess, newFolder } from './process.ts';

export interface OneStore {
  /** Of the store, beside what every gateway here has. */
  settings: Record<string, unknown>;
  env: Record<string, string>;
}

/** One of several gateways, a process of its own. */
export interface Member extends CellGateway {
  process: GatewayProcess;
}

export async function memberOf(process: GatewayProcess): Promise<Member> {
  const url = await process.ready;
  const grpc = process.out.find((line) => line.startsWith('gRPC '));
  return {
    process,
    grpcAddress: grpc?.slice('gRPC '.length) ?? '',
    fetch(path, init = {}) {
      const headers = { 'a2a-version': '1.0', ...Object.fromEntries(new Headers(init.headers)) };
      return fetch(url + path, { ...init, headers });
    },
  };
}

/** Writes the settings of such gateways, and answers the file. */
export function configOf({ settings }: OneStore, { issuer }: TestIssuer): string {
  const file = join(newFolder(), 'gateway.yaml');
  const all = {
    publicUrl: 'http://127.0.0.1:1',
    issuers: [{ issuer, audiences: [testAudience] }],
    upstream: onThisMachine,
    listen: { port: 0 },
    grpc: grpcSettings,
    health: { probeIntervalMs: 0 },
    push: { upstream: onThisMachine },
    log: { level: 'error' },
    ...settings,
  };
  writeFileSync(file, JSON.stringify(all));
  return file;
}
