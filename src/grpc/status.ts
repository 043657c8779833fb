import type { StatusName } from '../failure-facts.ts';

/** Every name of google.rpc.Code by its number (A2A §10.6). */
const names = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

/** What the three names the gateway does not use itself come to. */
const nearest: Readonly<Record<string, StatusName>> = {
  UNKNOWN: 'INTERNAL',
  DATA_LOSS: 'INTERNAL',
  OUT_OF_RANGE: 'INVALID_ARGUMENT',
};

export const okStatus = 0;

/** The number gRPC has for a status. */
export function statusNumber(name: StatusName): number {
  return names.indexOf(name);
}

/** The nearest of the statuses the gateway uses; a number that is none is INTERNAL, as UNKNOWN is. */
export function statusName(number: number): StatusName {
  const name = names[number] ?? 'UNKNOWN';
  return name === 'OK' ? 'INTERNAL' : (nearest[name] ?? (name as StatusName));
}

/** `grpc-message` as it is sent: percent-encoded but for printable ASCII. */
export function encodeStatusMessage(message: string): string {
  let text = '';
  for (const byte of new TextEncoder().encode(message)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    text += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** What was meant; text that is not percent-encoded stands for itself. */
export function decodeStatusMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
