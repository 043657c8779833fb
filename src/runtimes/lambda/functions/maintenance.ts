import { sweepSecrets } from '../../../registry/sweep-secrets.ts';
import { openParts } from '../parts.ts';
import { started } from '../start.ts';

const { store, secrets, clock, log } = started(() => openParts(process.env));

/** By a schedule, whatever the event: deletes the secrets that a crash between two writes left behind. */
export async function handler(): Promise<void> {
  const swept = await sweepSecrets({ agents: store.agents, secrets, clock });
  log.write('info', 'secrets swept', { swept });
}
