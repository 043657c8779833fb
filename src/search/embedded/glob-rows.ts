import { LRUCache } from 'lru-cache';
import { patternCovers } from '../../access/permission.ts';
import { Bitmap } from './bitmap.ts';

/** Globs remembered; a permission may hold 20, and many callers share one. */
const maxGlobs = 256;

/**
 * Which rows the globs of permissions cover. A row never changes its agent, so what is remembered of a glob only has to
 * take in rows as they come.
 */
export class GlobRows {
  readonly #known = new LRUCache<string, Bitmap>({ max: maxGlobs });

  /** A row that is new. */
  add(row: number, agentId: string): void {
    if (this.#known.size === 0) return;
    for (const [glob, rows] of this.#known.entries()) {
      if (covers(glob, agentId)) rows.add(row);
    }
  }

  /** @param agentIds of every row, by its number */
  get(glob: string, agentIds: readonly string[]): Bitmap {
    const known = this.#known.get(glob);
    if (known !== undefined) return known;
    const rows = new Bitmap();
    // Most globs begin with letters, which are quickly compared.
    const head = glob.slice(0, glob.indexOf('*'));
    for (let row = 0; row < agentIds.length; row++) {
      const agentId = agentIds[row] ?? '';
      if (agentId.startsWith(head) && covers(glob, agentId)) rows.add(row);
    }
    this.#known.set(glob, rows);
    return rows;
  }
}

function covers(glob: string, agentId: string): boolean {
  return patternCovers(glob, { agentId, tags: [] });
}
