import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ConfigError, parseSettings, type Settings } from '../config.ts';
import type { Io } from './io.ts';

/** The settings of a YAML file, if one is named, and of the environment. @throws ConfigError */
export function loadSettings(file: string | undefined, { env }: Io): Settings {
  return parseSettings(file === undefined ? undefined : read(file), env);
}

function read(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const [line = ''] = error instanceof Error ? error.message.split('\n') : [];
    throw new ConfigError([`cannot read ${path}: ${line}`]);
  }
}
