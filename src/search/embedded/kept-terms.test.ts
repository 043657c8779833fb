import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDriver, type SqlDriver } from '../../store/sqlite/driver.ts';
import { applyChanges, documentOf } from './kept-documents.ts';
import { forgetTerms, KeptTerms } from './kept-terms.ts';
import { prepareSchema } from './schema.ts';

let folder: string;
let driver: SqlDriver;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'a2a-terms-'));
  driver = openDriver(join(folder, 'search.db'));
  prepareSchema(driver);
});
afterEach(() => {
  driver.close();
  rmSync(folder, { recursive: true });
});

function put(terms: KeptTerms, agentId: string, words: readonly (readonly [string, number])[]): void {
  const document = { agentId, revision: 1, name: '', tags: [], facets: [], terms: new Map(words), text: 'x' };
  applyChanges(driver, terms, { put: [document], remove: [] });
}

function read(terms: KeptTerms): KeptTerms {
  while (terms.step(driver));
  return terms;
}

const kept = () =>
  driver.all<{ term: string }>('SELECT term FROM terms ORDER BY number', []).map(({ term }) => term);
const termsOf = (terms: KeptTerms, agentId: string) => [...(documentOf(driver, terms, agentId)?.terms ?? [])];

describe('the terms of documents', () => {
  it('come back in their order, with their places', () => {
    const terms = new KeptTerms();
    const words = [
      ['b', 4],
      ['__proto__', 0],
      ['a', 2],
      ['constructor', 4],
    ] as const;
    put(terms, 'one', words);
    put(terms, 'none', []);
    expect(termsOf(read(terms), 'one')).toEqual(words);
    expect(termsOf(terms, 'none')).toEqual([]);
    expect(termsOf(read(new KeptTerms()), 'one')).toEqual(words);
  });

  it('have one number each, whoever wrote them first and whoever knows them', () => {
    const [one, other] = [new KeptTerms(), new KeptTerms()];
    put(one, 'a', [
      ['x', 0],
      ['y', 1],
    ]);
    put(other, 'b', [
      ['y', 0],
      ['z', 1],
    ]);
    put(read(one), 'c', [
      ['z', 0],
      ['x', 1],
    ]);
    expect(kept()).toEqual(['x', 'y', 'z']);
    expect(termsOf(read(other), 'c')).toEqual([
      ['z', 0],
      ['x', 1],
    ]);
  });

  it('leave nothing behind where a transaction fails', () => {
    const terms = new KeptTerms();
    expect(() => put(terms, 'a\0', [['lost', 0]])).toThrow(TypeError);
    put(terms, 'a', [['found', 0]]);
    put(terms, 'b', [['lost', 0]]);
    read(terms);
    expect(termsOf(terms, 'a')).toEqual([['found', 0]]);
    expect(termsOf(terms, 'b')).toEqual([['lost', 0]]);
  });

  it('are forgotten when no document holds them, and known again when one does', () => {
    const [one, other] = [new KeptTerms(), new KeptTerms()];
    put(one, 'stays', [['kept', 0]]);
    for (let round = 0; round < 20; round++)
      put(one, 'changes', [
        [`word${round}`, 0],
        ['kept', 1],
      ]);
    read(one);
    read(other);
    forgetTerms(driver, 30);
    expect(kept()).toHaveLength(21);
    forgetTerms(driver, 10);
    expect(kept()).toEqual(['kept', 'word19']);
    // It still knows a number that is gone, and must not write it.
    put(other, 'back', [
      ['word3', 0],
      ['kept', 1],
    ]);
    for (const terms of [read(one), read(other), read(new KeptTerms())]) {
      expect(termsOf(terms, 'back')).toEqual([
        ['word3', 0],
        ['kept', 1],
      ]);
      expect(termsOf(terms, 'changes')).toEqual([
        ['word19', 0],
        ['kept', 1],
      ]);
      expect(terms.numberOf('word4')).toBeUndefined();
    }
  });

  it('are looked through again only when there are twice as many', () => {
    const terms = new KeptTerms();
    put(terms, 'a', [
      ['one', 0],
      ['two', 0],
    ]);
    forgetTerms(driver, 0);
    put(terms, 'a', [['three', 0]]);
    forgetTerms(driver, 0);
    expect(kept()).toEqual(['one', 'two', 'three']);
    put(terms, 'a', [
      ['four', 0],
      ['five', 0],
    ]);
    forgetTerms(driver, 0);
    expect(kept()).toEqual(['four', 'five']);
  });
});
