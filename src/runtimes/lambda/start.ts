import { ConfigError } from '../../config.ts';
import { createJsonLog } from '../../telemetry/json-log.ts';

export const writeLine = (line: string): void => void process.stdout.write(line);

/**
 * What a function makes in its init phase. What keeps it from starting is one line of the log, because the stack Lambda
 * prints of it is many and no JSON; thrown again, it fails the init.
 */
export function started<T>(start: () => T): T {
  try {
    return start();
  } catch (cause) {
    const why = cause instanceof ConfigError ? { problems: cause.problems } : { cause };
    createJsonLog('error', writeLine).write('error', 'not started', why);
    throw cause;
  }
}
