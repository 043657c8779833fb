import { type DestinationStream, destination, pino } from 'pino';
import type { Settings } from '../../config.ts';
import type { Log } from '../../ports.ts';
import { causeOf } from '../../telemetry/cause.ts';
import { withMetrics } from '../../telemetry/emf.ts';

/** The log a process is configured to write: with metrics where they have a namespace. */
export function createConfiguredLog(settings: Settings['log'], stream?: DestinationStream): Log {
  const { level, metricsNamespace: namespace, environment } = settings;
  const log = createLog(level, stream);
  return namespace === undefined ? log : withMetrics(log, { namespace, environment });
}

/** One JSON object a line on standard error: standard output is for people. */
export function createLog(level: string, stream: DestinationStream = standardError()): Log {
  const logger = pino({ level, base: null, serializers: { cause: (cause) => causeOf(cause) } }, stream);
  return {
    write: (lineLevel, event, fields) => logger[lineLevel](fields ?? {}, event),
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
