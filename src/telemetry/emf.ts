import { type FailureCode, factsOf } from '../failure.ts';
import type { Log } from '../ports.ts';

export interface MetricsOptions {
  namespace: string;
  /** Value of the dimension `Environment`. */
  environment: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** The metrics of one line: members of the line by name, with their units. */
interface LineMetrics {
  values: Readonly<Record<string, number>>;
  units: Readonly<Record<string, 'Count' | 'Milliseconds' | 'Bytes'>>;
  dimensions: Readonly<Record<string, string>>;
}

/**
 * A log whose lines `request` and `stream ended` carry metrics in the CloudWatch embedded metric format: `Requests`,
 * `Errors` (5xx), `Refusals` (4xx) and `DurationMs` by environment and by environment and operation; `StreamsEnded`,
 * `StreamsBroken` and `StreamBytes` by environment. Lines of level debug become info where they carry metrics, because
 * what is not written is not counted; a log of level warn or error counts what it writes.
 *
 * Counted is the failure, not the status on the wire: in JSON-RPC most failures travel with status 200. A caller who left
 * is neither an error nor a refusal.
 *
 * Agents and principals stay plain members of the line, for queries: as dimensions they would make, and cost, a metric
 * for each agent and each caller.
 */
export function withMetrics(log: Log, options: MetricsOptions): Log {
  return {
    write(level, event, fields = {}) {
      const metrics = metricsOf(event, fields);
      if (metrics === undefined) log.write(level, event, fields);
      else log.write(level === 'debug' ? 'info' : level, event, { ...fields, ...embedded(metrics, options) });
    },
  };
}

function metricsOf(event: string, fields: Fields): LineMetrics | undefined {
  if (event === 'request') return requestMetrics(fields);
  return event === 'stream ended' ? streamMetrics(fields) : undefined;
}

const leftStatus = factsOf('caller_left').httpStatus;

function requestMetrics(fields: Fields): LineMetrics {
  const code = failureCode(fields);
  const status = code === undefined ? Number(fields.status) : factsOf(code).httpStatus;
  return {
    values: {
      Requests: 1,
      Errors: Number(status >= 500),
      Refusals: Number(status >= 400 && status < leftStatus),
      DurationMs: Number(fields.durationMs),
    },
    units: { Requests: 'Count', Errors: 'Count', Refusals: 'Count', DurationMs: 'Milliseconds' },
    // Operations are rows of a table, so this dimension has few values whatever callers send.
    dimensions: { Operation: typeof fields.operation === 'string' ? fields.operation : 'other' },
  };
}

function streamMetrics(fields: Fields): LineMetrics {
  const code = failureCode(fields);
  return {
    values: {
      StreamsEnded: 1,
      StreamsBroken: Number(code !== undefined && code !== 'caller_left'),
      StreamBytes: Number(fields.bytes),
    },
    units: { StreamsEnded: 'Count', StreamsBroken: 'Count', StreamBytes: 'Bytes' },
    dimensions: {},
  };
}

function embedded({ values, units, dimensions }: LineMetrics, options: MetricsOptions): Fields {
  const names = Object.keys(dimensions);
  return {
    ...values,
    Environment: options.environment,
    ...dimensions,
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: options.namespace,
          Dimensions: [['Environment'], ...(names.length > 0 ? [['Environment', ...names]] : [])],
          Metrics: Object.entries(units).map(([Name, Unit]) => ({ Name, Unit })),
        },
      ],
    },
  };
}

/** Only the gateway's own lines are read, and their `failure` is a Failure. */
function failureCode({ failure }: Fields): FailureCode | undefined {
  return (failure as { code: FailureCode } | undefined)?.code;
}
