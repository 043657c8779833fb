/**
 * A number of a JSON text that JavaScript would spell otherwise, such as 9007199254740993 or 1.0. No text, no object and
 * no number to whoever asks what it is, so that none takes it for an id, a name or an address; in JSON, unless it is
 * written by `stringifyExact`, the number that JavaScript makes of it.
 */
export class SpelledNumber {
  /** Whether one was met since this was last set to false. */
  static isMet = false;
  readonly spelling: string;

  /** @param spelling a number as JSON has it */
  constructor(spelling: string) {
    this.spelling = spelling;
  }

  toJSON(): number {
    SpelledNumber.isMet = true;
    return Number(this.spelling);
  }
}
