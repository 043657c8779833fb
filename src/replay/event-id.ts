/** Where in which recorded stream an event stands, as its `id` line says and `Last-Event-ID` says back. */
export interface EventId {
  streamId: string;
  /** Counts from 1. */
  count: number;
}

/** By which an id of the gateway's is told from an agent's own. */
const prefix = 'gateway-';
const pattern = /^gateway-([\w-]{1,64})\.([1-9]\d{0,14})$/;

export function eventIdText({ streamId, count }: EventId): string {
  return `${prefix}${streamId}.${count}`;
}

/** Undefined for what is no id of ours. */
export function parseEventId(text: string): EventId | undefined {
  const [, streamId, count] = pattern.exec(text) ?? [];
  return streamId === undefined ? undefined : { streamId, count: Number(count) };
}

/** Whether an id was made here, or to look so. None of these goes to an agent. */
export function isOwnEventId(text: string): boolean {
  return text.startsWith(prefix);
}
