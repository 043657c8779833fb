import * as z from 'zod';
import { sweepSecrets } from '../../../registry/sweep-secrets.ts';
import { openParts } from '../parts.ts';
import { started } from '../start.ts';

const parts = started(() => openParts(process.env));

const probing = z.object({ work: z.literal('probe') });

/**
 * By a schedule: probes agents where the event says so. Whatever else it is, deletes the secrets that a crash between two
 * writes left behind.
 */
export async function handler(event: unknown): Promise<void> {
  if (probing.safeParse(event).success) return probe();
  const swept = await sweepSecrets({ ...parts, agents: parts.store.agents });
  parts.log.write('info', 'secrets swept', { swept });
}

async function probe(): Promise<void> {
  if (parts.settings.health.probeIntervalMs === 0) return;
  // Loaded when first needed: a sweep calls nobody.
  const { probeSome } = await import('../probe.ts');
  const agents = await probeSome(parts);
  parts.log.write('info', 'agents probed', { agents });
}
