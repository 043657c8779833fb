import type { Clock, Log } from '../../ports.ts';

const everyMs = 5_000;
const everyShare = 0.1;
/** Fewer are embedded before anyone wonders how far it is; of them only the time counts. */
const fewest = 100;

/** Hears how many were done now and how many are left. */
export type Report = (done: number, left: number) => void;

/** Writes a line after every 5 s and, of many, every tenth. */
export function createProgressLog({
  log,
  clock,
  modelId,
}: {
  log: Log;
  clock: Clock;
  modelId: string;
}): Report {
  let done = 0;
  let writtenAtMs = clock.nowMs();
  let writtenDone = 0;
  return (now, left) => {
    done += now;
    const total = done + left;
    const isTenth = total >= fewest && done - writtenDone >= total * everyShare;
    if (!isTenth && clock.nowMs() - writtenAtMs < everyMs) return;
    writtenAtMs = clock.nowMs();
    writtenDone = done;
    log.write('info', 'search: embedding', { modelId, done, total });
  };
}
