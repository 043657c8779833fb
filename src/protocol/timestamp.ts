export interface TimestampParts {
  /** Since the epoch. */
  seconds: number;
  nanos: number;
}

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?([Zz]|([+-])(\d{2}):(\d{2}))?$/;

/** The years 0001 to 9999, all a Timestamp of Protocol Buffers may tell. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

/**
 * Reads RFC 3339 (A2A §5.6.1). Without a zone it is UTC: agents on Python write their UTC times so. Undefined for what is
 * no such time.
 */
export function timestampParts(text: string): TimestampParts | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', , sign, zoneHour, zoneMinute] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const offsetSeconds = sign === undefined ? 0 : (Number(zoneHour) * 60 + Number(zoneMinute)) * 60;
  const seconds = date.getTime() / 1000 + (sign === '-' ? offsetSeconds : -offsetSeconds);
  if (!isTimestampSecond(seconds) || date.getUTCMonth() !== Number(month) - 1) return undefined;
  return { seconds, nanos: Number(fraction.padEnd(9, '0')) };
}

/** The same in milliseconds since the epoch, what is finer left out. */
export function timestampMs(text: string): number | undefined {
  const parts = timestampParts(text);
  return parts && parts.seconds * 1000 + Math.floor(parts.nanos / 1_000_000);
}

export function isTimestampSecond(seconds: number): boolean {
  return seconds >= firstSecond && seconds <= lastSecond;
}
