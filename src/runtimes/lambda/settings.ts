import { allowsAnonymous, ConfigError, parseSettings, type Settings } from '../../config.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A function's settings.
 * @throws ConfigError, also for a principal of requests without a token: a function is called from everywhere
 */
export function functionSettings(environment: Environment): Settings {
  const settings = parseSettings(undefined, environment);
  if (allowsAnonymous(settings))
    throw new ConfigError(['setting testing.anonymous.scopes: not on Lambda: requests need a token there']);
  return settings;
}
