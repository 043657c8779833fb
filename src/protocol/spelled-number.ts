/**
 * A number of a JSON text that JavaScript would spell otherwise, such as 9007199254740993 or 1.0. No text, no object and
 * no number to whoever asks what it is, so that none takes it for an id, a name or an address; in JSON, unless it is
 * written by {@link jsonOf}, the number that JavaScript makes of it.
 */
export class SpelledNumber {
  readonly #spelling: string;

  /** @param spelling a number as JSON has it */
  constructor(spelling: string) {
    this.#spelling = spelling;
  }

  toJSON(): unknown {
    if (writing === undefined) return Number(this.#spelling);
    writing.mark ??= newMark();
    return writing.mark + this.#spelling;
  }
}

/** The text that is being written, with what its numbers are found by. */
let writing: { mark?: string } | undefined;

/**
 * What no text can hold by chance or on purpose, since it is made anew for each text: who could foresee it could end a
 * string in the middle, and say after it what was never checked.
 */
export function newMark(): string {
  return `\u{e000}${crypto.randomUUID()}:`;
}

/** As `JSON.stringify`, each spelled number as it was spelled. */
export function jsonOf(value: unknown): string {
  const { text, mark } = marked(value);
  return mark === undefined ? text : text.replace(new RegExp(`"${mark}([-+.0-9eE]+)"`, 'g'), '$1');
}

function marked(value: unknown): { text: string; mark?: string } {
  const own: { mark?: string } = {};
  writing = own;
  try {
    return { text: JSON.stringify(value), ...own };
  } finally {
    writing = undefined;
  }
}
