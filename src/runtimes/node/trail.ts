import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditSeals, createAuditSeals } from '../../audit/seals.ts';
import type { Settings } from '../../config.ts';
import type { AuditStore } from '../../store/ports/audit.ts';
import { systemClock } from '../clock.ts';
import { openAdapters } from './adapters.ts';

/** The trail of a gateway, which may run meanwhile, and what judges its seals. Nothing is written to it. */
export interface OpenTrail {
  audit: AuditStore;
  seals: AuditSeals;
  close(): Promise<void>;
}

/** @throws Error of one line where there is no store, and whatever keeps it from being opened */
export async function openTrail(settings: Settings): Promise<OpenTrail> {
  // A wrong folder is told, not filled with an empty store.
  if (settings.store !== 'dynamodb' && !existsSync(join(settings.dataDir, 'gateway.db')))
    throw new Error(`no gateway.db in ${settings.dataDir}: see setting dataDir`);
  const { store, secrets } = await openAdapters(settings, systemClock);
  return { audit: store.audit, seals: createAuditSeals({ secrets }), close: () => store.close() };
}
