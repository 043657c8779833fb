import { ProtoError } from './schema.ts';

export interface TimestampParts {
  /** Since the epoch. */
  seconds: number;
  nanos: number;
}

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?([Zz]|([+-])(\d{2}):(\d{2}))?$/;

/** The years 0001 to 9999, all a Timestamp may tell. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

/**
 * Reads RFC 3339. Without a zone it is UTC: agents on Python write their UTC times so.
 *
 * @throws ProtoError
 */
export function parseTimestamp(text: string): TimestampParts {
  const match = rfc3339.exec(text);
  if (match === null) throw new ProtoError('timestamp');
  const [, year, month, day, hour, minute, second, fraction = '', , sign, zoneHour, zoneMinute] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const offsetSeconds = sign === undefined ? 0 : (Number(zoneHour) * 60 + Number(zoneMinute)) * 60;
  const seconds = date.getTime() / 1000 + (sign === '-' ? offsetSeconds : -offsetSeconds);
  if (!inRange(seconds) || date.getUTCMonth() !== Number(month) - 1) throw new ProtoError('timestamp');
  return { seconds, nanos: Number(fraction.padEnd(9, '0')) };
}

/**
 * Writes RFC 3339 in UTC with as many digits as it takes, in threes (the ProtoJSON of Timestamp).
 *
 * @throws ProtoError
 */
export function formatTimestamp({ seconds, nanos }: TimestampParts): string {
  if (!inRange(seconds) || nanos < 0 || nanos > 999_999_999) throw new ProtoError('timestamp');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (nanos === 0) return `${whole}Z`;
  const digits = `${nanos}`.padStart(9, '0').replace(/(?:000){1,2}$/, '');
  return `${whole}.${digits}Z`;
}

function inRange(seconds: number): boolean {
  return seconds >= firstSecond && seconds <= lastSecond;
}
