import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDriver, type SqlDriver } from '../../store/sqlite/driver.ts';
import type { SearchDocument } from '../document.ts';
import type { VectorSet } from '../search-index.ts';
import { Follower } from './follower.ts';
import { applyChanges, forgetRemovals } from './kept-documents.ts';
import { beginSet, putVectors, serveSet } from './kept-sets.ts';
import { KeptTerms } from './kept-terms.ts';
import { prepareSchema } from './schema.ts';

let folder: string;
let driver: SqlDriver;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'a2a-follower-'));
  driver = openDriver(join(folder, 'search.db'));
  expect(prepareSchema(driver)).toBe(true);
});
afterEach(() => {
  driver.close();
  rmSync(folder, { recursive: true });
});

function documentOf(agentId: string): SearchDocument {
  return {
    agentId,
    revision: 1,
    name: agentId,
    tags: [],
    facets: [],
    terms: new Map([['term', 0]]),
    text: agentId,
  };
}

function put(...agentIds: string[]): void {
  applyChanges(driver, new KeptTerms(), { put: agentIds.map(documentOf), remove: [] });
}

function remove(...agentIds: string[]): void {
  applyChanges(driver, new KeptTerms(), { put: [], remove: agentIds });
}

function catchUp(follower: Follower): string[] {
  while (follower.step(driver));
  const { agents } = follower;
  return [...agents.alive.values()].map((row) => agents.agentIds[row] ?? '').toSorted();
}

function setOf(id: string, dimensions: number): VectorSet {
  const calibration = { needs: [], agents: [], low: 0, high: 1 };
  return { model: { id, dimensions }, source: { kind: 'use-lite' }, calibration };
}

function serve(id: string, dimensions: number, agentIds: readonly string[]): void {
  beginSet(driver, setOf(id, dimensions));
  const vector = new Float32Array(dimensions).fill(1);
  putVectors(
    driver,
    id,
    agentIds.map((agentId) => ({ agentId, text: agentId, vector })),
  );
  expect(serveSet(driver, id)).toBe(true);
}

const manyIds = Array.from({ length: 1_000 }, (_, at) => `agent-${String(at).padStart(4, '0')}`);

describe('a follower', () => {
  it('reads what there is in parts, and what comes meanwhile', () => {
    put(...manyIds);
    const follower = new Follower();
    expect(follower.step(driver)).toBe(true);
    remove('agent-0000', 'agent-0999');
    put('late');
    expect(catchUp(follower)).toEqual(['late', ...manyIds.slice(1, 999)].toSorted());
    expect(follower.step(driver)).toBe(false);
  });

  it('reads everything again where removals were forgotten before it knew of them', () => {
    put('a', 'b', 'c');
    const [behind, ahead] = [new Follower(), new Follower()];
    expect(catchUp(behind)).toEqual(['a', 'b', 'c']);
    remove('a');
    put('d');
    expect(catchUp(ahead)).toEqual(['b', 'c', 'd']);
    remove('b');
    put('e', 'f', 'g');
    forgetRemovals(driver, 4);
    const kept = driver.all<{ agent_id: string }>('SELECT agent_id FROM changes ORDER BY agent_id', []);
    expect(kept.map((row) => row.agent_id)).toEqual(['b', 'c', 'd', 'e', 'f', 'g']);
    const rowsOf = ahead.agents;
    for (const follower of [behind, ahead, new Follower()])
      expect(catchUp(follower)).toEqual(['c', 'd', 'e', 'f', 'g']);
    expect(ahead.agents).toBe(rowsOf);
    expect(catchUp(behind)).toEqual(['c', 'd', 'e', 'f', 'g']);
  });

  it('does not begin again and again after removals were forgotten', () => {
    put(...manyIds, 'gone');
    remove('gone');
    put('z');
    forgetRemovals(driver, 0);
    const follower = new Follower();
    let steps = 0;
    while (follower.step(driver)) steps += 1;
    expect(steps).toBeLessThan(10);
    expect(follower.agents.size).toBe(1_001);
  });

  it('has the vectors of the set that serves, also when it changes in the middle', () => {
    put(...manyIds);
    serve('one', 16, manyIds);
    const follower = new Follower();
    follower.step(driver);
    expect(follower.set?.model.id).toBe('one');
    serve('two', 32, manyIds);
    expect(follower.step(driver)).toBe(true);
    remove('agent-0500');
    put('no-vector');
    catchUp(follower);
    expect(follower.set?.model.id).toBe('two');
    const { agents } = follower;
    expect(agents.vectors?.dimensions).toBe(32);
    const without = [...agents.alive.values()].filter((row) => agents.vectors?.get(row)?.length !== 32);
    expect(without.map((row) => agents.agentIds[row])).toEqual(['no-vector']);
  });

  it('has no vectors any more where no set serves', () => {
    put('a');
    serve('one', 16, ['a']);
    const follower = new Follower();
    catchUp(follower);
    driver.run('UPDATE sets SET serves = 0', []);
    catchUp(follower);
    expect(follower.set).toBeUndefined();
    expect(follower.agents.vectors).toBeUndefined();
  });
});
