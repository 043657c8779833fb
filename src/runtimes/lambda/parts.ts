import { ConfigError, type Settings } from '../../config.ts';
import type { Clock, Log } from '../../ports.ts';
import { withMetrics } from '../../telemetry/emf.ts';
import { createJsonLog } from '../../telemetry/json-log.ts';
import { type Adapters, createAwsAdapters } from '../aws-adapters.ts';
import { systemClock } from '../clock.ts';
import { type Environment, functionSettings } from './settings.ts';
import { writeLine } from './start.ts';

/** What every function is made of. */
export interface Parts extends Adapters {
  settings: Settings;
  log: Log;
  clock: Clock;
}

/**
 * Settings and adapters of a function.
 * @throws ConfigError
 */
export function openParts(environment: Environment): Parts {
  const settings = functionSettings(environment);
  if (settings.store !== 'dynamodb')
    throw new ConfigError(['setting store: must be dynamodb here: a function keeps no files']);
  if (settings.grpc.enabled)
    throw new ConfigError(['setting grpc.enabled: must be false here: gRPC cannot pass API Gateway']);
  const { level, metricsNamespace: namespace, environment: name } = settings.log;
  const log = createJsonLog(level, writeLine);
  return {
    settings,
    log: namespace === undefined ? log : withMetrics(log, { namespace, environment: name }),
    clock: systemClock,
    ...createAwsAdapters(settings),
  };
}
