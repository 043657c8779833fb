import { randomUUID } from 'node:crypto';
import type { LocalFunction } from '../lambda/function-pool.ts';
import { accountId, region } from '../local-values.ts';
import { membersOf } from '../members.ts';
import { type LocalResource, type ResolvedTemplate, TemplateError } from '../template.ts';

export interface SchedulesOptions {
  functions: ReadonlyMap<string, LocalFunction>;
  print(line: string): void;
}

const unitsMs: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 60 * 60_000,
  day: 24 * 60 * 60_000,
};

/** How long a timer can wait. */
const maxTimerMs = 2 ** 31 - 1;

/** Milliseconds between two firings of `rate(…)`. @throws TemplateError for what is none; cron is not emulated */
export function intervalOf(expression: string): number {
  const [, count = '', unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const intervalMs = Number(count) * (unitsMs[unit] ?? Number.NaN);
  if (!(intervalMs > 0)) throw new TemplateError(`the schedule ${expression} is not emulated`);
  return Math.min(intervalMs, maxTimerMs);
}

/** Fires the rules of a stack, each for the first time when its interval has passed. Answers what ends them. */
export function startSchedules(template: ResolvedTemplate, options: SchedulesOptions): () => void {
  const timers = template.resources
    .filter(({ type }) => type === 'AWS::Events::Rule')
    .map((resource) => start(resource, options));
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

function start(
  { logicalId, properties }: LocalResource,
  { functions, print }: SchedulesOptions,
): NodeJS.Timeout {
  const members = membersOf(properties(), logicalId);
  const targets = members.objects('Targets').map((target) => {
    const called = functions.get(target.text('Arn'));
    if (called === undefined) throw new TemplateError(`${logicalId}: a target that is no function`);
    return { called, input: target.optionalText('Input') };
  });
  const fire = () => {
    for (const { called, input } of targets)
      called
        .invoke(input === undefined ? scheduledEvent(logicalId) : JSON.parse(input))
        .catch((error) => print(`${called.definition.name} failed: ${String(error)}`));
  };
  return setInterval(fire, intervalOf(members.text('ScheduleExpression'))).unref();
}

/** What EventBridge sends where a target has no input of its own. */
export function scheduledEvent(rule: string): unknown {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: accountId,
    time: new Date().toISOString(),
    region,
    resources: [`arn:aws:events:${region}:${accountId}:rule/${rule}`],
    detail: {},
  };
}
