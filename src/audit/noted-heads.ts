import { isRecord, parseRecord } from '../protocol/json.ts';
import type { AuditHead } from '../store/ports/audit.ts';

/**
 * The heads among the lines of an earlier verification: how far the chains went then.
 *
 * @throws Error of one line for what none writes: a head that is left out without a word would find nothing
 */
export async function notedHeads(lines: AsyncIterable<string> | Iterable<string>): Promise<AuditHead[]> {
  const heads: AuditHead[] = [];
  let number = 0;
  for await (const line of lines) {
    number++;
    const members = parseRecord(line);
    // Findings and totals have none.
    if (members !== undefined && !Object.hasOwn(members, 'head')) continue;
    if (!isHead(members?.head)) throw new Error(`line ${number} is none that \`audit verify --json\` writes`);
    heads.push(members.head);
  }
  return heads;
}

const sample: AuditHead = { chainId: '', sequence: 0, seal: '', atMs: 0, expiresAtMs: 0 };

function isHead(value: unknown): value is AuditHead {
  if (!isRecord(value)) return false;
  return Object.entries(sample).every(([name, member]) => typeof value[name] === typeof member);
}
