import type { Log } from '../ports.ts';
import { createConditions } from './cedar/conditions.ts';
import { loadCedar } from './cedar/load-cedar.ts';
import { type Conditions, withoutConditions } from './conditions.ts';

/**
 * Conditions as the settings have them.
 * @throws Error where they are switched on and Cedar is not there
 */
export function openConditions({ cedar }: { cedar: boolean }, log: Log): Conditions {
  return cedar ? createConditions({ load: loadCedar, log }) : withoutConditions(log);
}
