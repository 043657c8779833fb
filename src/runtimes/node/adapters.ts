import type { Settings } from '../../config.ts';
import type { Clock } from '../../ports.ts';
import type { AgentChanges } from '../../store/port.ts';
import type { Adapters } from '../aws-adapters.ts';

/**
 * Each kind is loaded where it is chosen: neither needs the other's libraries.
 * @throws as the kind
 */
export async function openAdapters(
  settings: Settings,
  clock: Clock,
): Promise<Adapters & { changes?: AgentChanges }> {
  if (settings.store === 'dynamodb') {
    const { createAwsAdapters } = await import('../aws-adapters.ts');
    return createAwsAdapters(settings);
  }
  const { openEmbeddedAdapters } = await import('./embedded-adapters.ts');
  return openEmbeddedAdapters(settings, clock);
}
