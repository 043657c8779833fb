import { type DestinationStream, destination, pino } from 'pino';
import type { Log } from '../../ports.ts';

/** One JSON object a line on standard error: standard output is for people. */
export function createLog(
  level: string,
  stream: DestinationStream = destination({ fd: 2, sync: false }),
): Log {
  const logger = pino({ level, base: null, serializers: { cause: causeOf } }, stream);
  return {
    write: (lineLevel, event, fields) => logger[lineLevel](fields ?? {}, event),
  };
}

/** An error as text for operators, its own causes included; depth-limited, because causes can be circular. */
function causeOf(cause: unknown, depth = 0): unknown {
  if (!(cause instanceof Error)) return cause === undefined ? undefined : String(cause);
  const code = 'code' in cause ? cause.code : undefined;
  const inner = cause.cause === undefined || depth > 3 ? undefined : causeOf(cause.cause, depth + 1);
  return {
    name: cause.name,
    message: cause.message,
    code,
    stack: depth === 0 ? cause.stack : undefined,
    cause: inner,
  };
}
