import { type Anonymous, createAnonymous } from '../../access/anonymous.ts';
import { allowsAnonymous, type Settings } from '../../config.ts';
import type { Log } from '../../ports.ts';
import { assemble } from './assemble.ts';
import { listen } from './http-server.ts';

/** A gateway that runs. */
export interface Running {
  url: string;
  close(): Promise<void>;
}

/** Starts the gateway as configured: empty, trusting the configured issuers only. @throws as `listen`, `assemble` */
export async function serve(settings: Settings, log: Log): Promise<Running> {
  const server = await listen(settings.listen, log);
  try {
    const assembly = await assemble(settings, log, anonymousFor(settings, log));
    server.serve(assembly.gateway);
    return {
      url: server.origin,
      async close() {
        assembly.endStreams();
        await server.close();
        await assembly.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Here alone: other runtimes have callers from elsewhere, and newcomer mode has clients of its own. */
function anonymousFor(settings: Settings, log: Log): { anonymous?: Anonymous } {
  if (!allowsAnonymous(settings)) return {};
  const { anonymous } = settings.testing;
  log.write(
    'warn',
    'ANYONE ON THIS MACHINE MAY CALL: requests without a token are taken for a test principal',
    {
      ...anonymous,
    },
  );
  return { anonymous: createAnonymous(anonymous) };
}
