import { isTimestampSecond, type TimestampParts, timestampParts } from '../protocol/timestamp.ts';
import { ProtoError } from './schema.ts';

/** Reads RFC 3339. @throws ProtoError */
export function parseTimestamp(text: string): TimestampParts {
  const parts = timestampParts(text);
  if (parts === undefined) throw new ProtoError('timestamp');
  return parts;
}

/**
 * Writes RFC 3339 in UTC with as many digits as it takes, in threes (the ProtoJSON of Timestamp).
 *
 * @throws ProtoError
 */
export function formatTimestamp({ seconds, nanos }: TimestampParts): string {
  if (!isTimestampSecond(seconds) || nanos < 0 || nanos > 999_999_999) throw new ProtoError('timestamp');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (nanos === 0) return `${whole}Z`;
  const digits = `${nanos}`.padStart(9, '0').replace(/(?:000){1,2}$/, '');
  return `${whole}.${digits}Z`;
}
