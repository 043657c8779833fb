const digits = `${Number.MAX_SAFE_INTEGER}`.length;

/** Where a dead letter stands among all: texts that sort with the latest first, and are the keys that pages go on after. */
export function deadLetterPlace(diedAtMs: number, deliveryId: string): string {
  return `${`${Number.MAX_SAFE_INTEGER - diedAtMs}`.padStart(digits, '0')}#${deliveryId}`;
}
