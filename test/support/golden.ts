import { readdirSync, readFileSync } from 'node:fs';
import type { RequirementId } from '../requirements.ts';

/** Header values to compare; `null` is one that must be absent. */
export type GoldenHeaders = Readonly<Record<string, string | null>>;

/**
 * A text by its lines, which a line feed joins. `{{agent}}`, `{{issuer}}` and `{{gateway}}` stand for their URLs,
 * `{{protected}}` and `{{signature}}` for what signs a published card.
 */
export type GoldenText = readonly string[];

/** One exchange as the specification has it, in one version and binding. */
export interface Golden {
  title: string;
  /** Where it is specified. */
  source: string;
  /** The clauses it shows. */
  cites?: readonly RequirementId[];
  operation?: string;
  binding?: string;
  /** The exchange that has taken place before, by name. */
  after?: string;
  /** Sent with a good token, unless the headers give another: an empty one is none. */
  request: { method: string; path: string; headers: Record<string, string>; body?: GoldenText };
  /** Absent where the agent must not hear of it. `agent` speaks 1.0, `veteran` JSON-RPC of 0.3, `elder` its HTTP+JSON. */
  agent?: {
    sees: { method: string; target: string; headers: GoldenHeaders; body: GoldenText };
    answers: { status: number; headers: Record<string, string>; body: GoldenText };
  };
  answer: { status: number; headers: GoldenHeaders; body: GoldenText };
}

/** An exchange as it is kept; where URLs stand for something, the text has it. */
export interface GoldenFile {
  /** Path below the folder, which says version and binding. */
  name: string;
  text: string;
  golden: Golden;
}

const folder = new URL('../fixtures/golden/', import.meta.url);

/** A text with what nobody can guess in it as golden exchanges spell it. */
export function withMadeUp(text: string): string {
  return text.replace(/(?<=\/push\/)[\w-]{36}/g, '{{pushId}}').replace(/(?<=")[\w-]{43}(?=")/g, '{{secret}}');
}

/** Every golden exchange, by name. */
export function readGoldens(): GoldenFile[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const names = files.filter((name) => name.endsWith('.json')).sort();
  return names.map((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    return { name, text, golden: JSON.parse(text) as Golden };
  });
}
