import { type DestinationStream, destination, pino } from 'pino';
import type { Log } from '../../ports.ts';

/** One JSON object a line on standard error: standard output is for people. */
export function createLog(level: string, stream: DestinationStream = standardError()): Log {
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

/** What is gathered is lost with a killed process: lines of at most this long. */
const gatherMs = 200;
const gatherChars = 8_192;

/**
 * Standard error, written many lines at a time: a system call a line costs a fifth of a small call (measured in
 * `bench/`), and the destination's own gathering measures all it holds again at every line.
 */
function standardError(): DestinationStream {
  const stream = destination({ fd: 2, sync: false });
  let lines: string[] = [];
  let chars = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length > 0) stream.write(lines.join(''));
    lines = [];
    chars = 0;
  };
  process.once('exit', () => {
    flush();
    stream.flushSync();
  });
  return {
    write(line) {
      lines.push(line);
      chars += line.length;
      if (chars >= gatherChars) flush();
      else timer ??= setTimeout(flush, gatherMs).unref();
    },
  };
}
