import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ConfigError, parseSettings } from '../../config.ts';
import { createConfiguredLog } from '../../runtimes/node/log.ts';
import { serve as start } from '../../runtimes/node/serve.ts';
import type { Io } from '../io.ts';

/** `a2a-gateway serve`: until stopped. @throws ConfigError and whatever keeps the gateway from starting */
export async function serve({ config }: { config?: string }, io: Io): Promise<void> {
  const settings = parseSettings(config === undefined ? undefined : readSettings(config), io.env);
  const running = await start(settings, createConfiguredLog(settings.log));
  io.out(`ready ${running.url}`);
  await io.untilStopped();
  await running.close();
}

function readSettings(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const [line = ''] = error instanceof Error ? error.message.split('\n') : [];
    throw new ConfigError([`cannot read ${path}: ${line}`]);
  }
}
