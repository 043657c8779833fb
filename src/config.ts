import type * as z from 'zod';
import { applyEnvironment } from './config-environment.ts';
import { type Settings, settingsSchema } from './config-schema.ts';

export { allowsAnonymous } from './config-testing.ts';

/** Settings as text in (environment, file), {@link GatewayConfig} out; refused at start if wrong. */

export type { Settings };

/** What the core reads of the settings. */
export type GatewayConfig = Pick<
  Settings,
  | 'publicUrl'
  | 'agentsPath'
  | 'issuers'
  | 'permissions'
  | 'limits'
  | 'callerLimits'
  | 'deadlines'
  | 'streams'
  | 'affinity'
  | 'ownership'
  | 'audit'
  | 'load'
  | 'breaker'
  | 'health'
  | 'cors'
  | 'grpc'
  | 'loops'
  | 'push'
  | 'store'
>;

/** Settings that cannot be used; one line a problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/**
 * Joins a file's settings with the environment's, which win, and checks the whole.
 *
 * @param file the parsed file; undefined for none
 * @throws ConfigError for unknown, missing, wrong or contradictory settings, all of them at once
 */
export function parseSettings(
  file: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const problems: string[] = [];
  const settings = structuredClone(file ?? {}) as Record<string, unknown>; // The schema judges its shape below.
  problems.push(...applyEnvironment(settings, environment, settingsSchema));
  const parsed = settingsSchema.safeParse(settings);
  if (parsed.success && problems.length === 0) return parsed.data;
  for (const issue of parsed.error?.issues ?? []) problems.push(describeIssue(issue));
  throw new ConfigError(problems);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `unknown setting: ${path === '' ? key : `${path}.${key}`}`).join('\n');
  }
  return `setting ${path === '' ? 'file' : path}: ${issue.message}`;
}
