import { createConfiguredLog } from '../../runtimes/node/log.ts';
import { serve as start } from '../../runtimes/node/serve.ts';
import type { Io } from '../io.ts';
import { loadSettings } from '../settings.ts';

/** `a2a-gateway serve`: until stopped. @throws ConfigError and whatever keeps the gateway from starting */
export async function serve({ config }: { config?: string }, io: Io): Promise<void> {
  const settings = loadSettings(config, io);
  const running = await start(settings, createConfiguredLog(settings.log));
  if (running.grpcAddress !== undefined) io.out(`gRPC ${running.grpcAddress}`);
  io.out(`ready ${running.url}`);
  await io.untilStopped();
  await running.close();
}
