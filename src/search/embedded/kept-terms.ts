import type { SqlDriver } from '../../store/sqlite/driver.ts';
import { type Dictionary, placeBits } from './agent-rows.ts';

/** Rows read at a time. */
const pageRows = 2_000;
/** Fewer new ones are not worth looking for unused ones. */
const fewTerms = 10_000;

/** The numbers of terms in the file, as far as they have been read: those of committed transactions alone. */
export class KeptTerms implements Dictionary {
  readonly #numbers = new Map<string, number>();
  readonly #terms = new Map<number, string>();
  #readUpTo = 0;
  #forgotten = 0;

  numberOf(term: string): number | undefined {
    return this.#numbers.get(term);
  }

  termOf(number: number): string {
    return this.#terms.get(number) ?? '';
  }

  /** Reads a part of what is not known yet; false where nothing was left. */
  step(driver: SqlDriver): boolean {
    const forgotten = timesForgotten(driver);
    if (forgotten !== this.#forgotten) {
      this.#numbers.clear();
      this.#terms.clear();
      this.#readUpTo = 0;
      this.#forgotten = forgotten;
    }
    const rows = driver.all<{ number: number; term: string }>(
      'SELECT number, term FROM terms WHERE number > ? ORDER BY number LIMIT ?',
      [this.#readUpTo, pageRows],
    );
    for (const { number, term } of rows) {
      this.#numbers.set(term, number);
      this.#terms.set(number, term);
      this.#readUpTo = number;
    }
    return rows.length === pageRows;
  }

  /** For the transaction that is open: gives numbers to the terms that have none. */
  writer(driver: SqlDriver): (term: string) => number {
    // Where some are gone that are known here, all are looked up.
    const isCurrent = timesForgotten(driver) === this.#forgotten;
    const own = new Map<string, number>();
    return (term) => {
      const known = (isCurrent ? this.#numbers.get(term) : undefined) ?? own.get(term);
      if (known !== undefined) return known;
      const number = numberInFile(driver, term);
      own.set(term, number);
      return number;
    };
  }
}

function timesForgotten(driver: SqlDriver): number {
  const state = driver.get<{ terms_forgotten: number }>('SELECT terms_forgotten FROM state', []);
  return state?.terms_forgotten ?? 0;
}

function numberInFile(driver: SqlDriver, term: string): number {
  const find = () =>
    driver.get<{ number: number }>('SELECT number FROM terms WHERE term = ?', [term])?.number;
  const known = find();
  if (known !== undefined) return known;
  driver.run('INSERT INTO terms (term) VALUES (?)', [term]);
  return find() ?? 0;
}

/**
 * Deletes terms that no document holds any more, or agents whose words change often would fill the file. Looks for them
 * when there are twice as many as were left the last time, so that it costs little in all.
 */
export function forgetTerms(driver: SqlDriver, few = fewTerms): void {
  driver.transaction(() => {
    const { count, terms_left: left } = driver.get<{ count: number; terms_left: number }>(
      'SELECT (SELECT count(*) FROM terms) AS count, terms_left FROM state',
      [],
    ) ?? { count: 0, terms_left: 0 };
    if (count <= 2 * left + few) return;
    const used = usedNumbers(driver);
    const all = driver.all<{ number: number }>('SELECT number FROM terms', []);
    const unused = all.map(({ number }) => number).filter((number) => !used.has(number));
    driver.run('DELETE FROM terms WHERE number IN (SELECT value FROM json_each(?))', [
      JSON.stringify(unused),
    ]);
    driver.run('UPDATE state SET terms_left = ?, terms_forgotten = terms_forgotten + 1', [
      count - unused.length,
    ]);
  });
}

function usedNumbers(driver: SqlDriver): Set<number> {
  const used = new Set<number>();
  let after = 0;
  for (;;) {
    const rows = driver.all<{ number: number; terms: Uint8Array }>(
      'SELECT number, terms FROM documents WHERE number > ? ORDER BY number LIMIT ?',
      [after, pageRows],
    );
    for (const { number, terms } of rows) {
      for (const posting of fromTermsBlob(terms)) used.add(posting >>> placeBits);
      after = number;
    }
    if (rows.length < pageRows) return used;
  }
}

/** Terms with their places, in their order, as they are kept. */
export function toTermsBlob(
  terms: ReadonlyMap<string, number>,
  numberOf: (term: string) => number,
): Uint8Array {
  const postings = Uint32Array.from(terms, ([term, place]) => (numberOf(term) << placeBits) | place);
  return new Uint8Array(postings.buffer);
}

/** @param blob as the driver gives it: a part of a larger buffer may begin anywhere */
export function fromTermsBlob(blob: Uint8Array): Uint32Array {
  return new Uint32Array(blob.slice().buffer);
}
