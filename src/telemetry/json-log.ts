import type { Log } from '../ports.ts';
import { causeOf } from './cause.ts';

type Level = Parameters<Log['write']>[0];

const order: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/**
 * A log of one JSON object a line: `level` as text, `time` in ISO 8601, the event's fields, `msg` the event. A `cause`
 * is told as the Node runtime's log tells it. Never throws for what the fields hold: a BigInt becomes text, a field that
 * JSON cannot hold is named as such and the others stay.
 *
 * @param level least level that is written
 * @param write gets each line, its line feed included
 */
export function createJsonLog(level: Level, write: (line: string) => void): Log {
  const least = order.indexOf(level);
  return {
    write(lineLevel, event, fields = {}) {
      if (order.indexOf(lineLevel) < least) return;
      const members = {
        level: lineLevel,
        time: new Date().toISOString(),
        ...fields,
        ...('cause' in fields && { cause: told(fields.cause) }),
        msg: event,
      };
      write(`${jsonOf(members)}\n`);
    },
  };
}

/** A cause may be anything that was thrown, a thing without text among them. */
function told(cause: unknown): unknown {
  try {
    return causeOf(cause);
  } catch {
    return 'not writable';
  }
}

function jsonOf(members: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(members, withoutBigInt);
  } catch {
    return `{${Object.entries(members).flatMap(memberOf).join(',')}}`;
  }
}

function memberOf([name, value]: [string, unknown]): string[] {
  try {
    const text: string | undefined = JSON.stringify(value, withoutBigInt);
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  } catch {
    return [`${JSON.stringify(name)}:"not writable"`];
  }
}

function withoutBigInt(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
