import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../requirements/clause.ts';
import { clauseOf } from '../requirements/operations.ts';

/** A place that says it shows clauses. */
export interface CitationInText {
  /** From the root of the repository. */
  file: string;
  ids: readonly string[];
  /** `any`: which is known when the test runs. */
  cells: readonly Cell[] | 'any';
}

const root = join(import.meta.dirname, '../..');
const golden = 'test/fixtures/golden';

/** Every citation in the tests' text, those of golden exchanges among them, which `test/golden.test.ts` sends. */
export function citationsInText(): CitationInText[] {
  const texts = ['src', 'test', 'aws-local']
    .flatMap((folder) => filesIn(folder, '.ts'))
    .filter((file) => file !== 'test/support/cites.ts');
  return [...texts.flatMap(citationsOf), ...filesIn(golden, '.json').map(citationOfGolden)];
}

function filesIn(folder: string, ending: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}

function citationsOf(file: string): CitationInText[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/\bcites\(((?:[^()]|\([^()]*\))*)\)/g)].map(([, list = '']) => {
    const literals = [...list.matchAll(/'([^']*)'/g)].map(([, literal = '']) => literal);
    const isOpen = list.replace(/'[^']*'/g, '').replace(/[\s,]/g, '') !== '';
    const cells = literals.filter((literal): literal is Cell => literal.includes(' '));
    const ids = literals.filter((literal) => !literal.includes(' '));
    const ofOperations = list.includes('clauseOf[') ? Object.values(clauseOf) : [];
    return { file, ids: [...ids, ...ofOperations], cells: isOpen ? 'any' : cells };
  });
}

function citationOfGolden(file: string): CitationInText {
  const { cites = [] } = JSON.parse(readFileSync(join(root, file), 'utf8')) as { cites?: string[] };
  return { file: 'test/golden.test.ts', ids: cites, cells: [cellOfGolden(file.slice(golden.length + 1))] };
}

/** The cell of a golden exchange, by where it lies. */
export function cellOfGolden(name: string): Cell {
  return `${name.includes('http-json') ? 'HTTP+JSON' : 'JSON-RPC'} ${name.startsWith('1.0') ? '1.0' : '0.3'}`;
}
