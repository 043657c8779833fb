import type { Scenario } from '../scenario.ts';
import { declaredScenarios } from './declared.ts';
import { errorScenarios } from './errors.ts';
import { messageScenarios } from './messages.ts';
import { pushScenarios } from './push.ts';
import { taskScenarios } from './tasks.ts';

/** All that clients do. */
export const scenarios: readonly Scenario[] = [
  ...messageScenarios,
  ...taskScenarios,
  ...pushScenarios,
  ...errorScenarios,
  ...declaredScenarios,
];
