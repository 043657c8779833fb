import { createReadStream } from 'node:fs';
import { exportedLines, exportedSegments } from '../../audit/export.ts';
import { notedHeads } from '../../audit/noted-heads.ts';
import { type AuditFinding, type Trail, type Verified, verifyTrail } from '../../audit/verify.ts';
import { timestampMs } from '../../protocol/timestamp.ts';
import { type OpenTrail, openTrail } from '../../runtimes/node/trail.ts';
import type { AuditHead } from '../../store/ports/audit.ts';
import type { Io } from '../io.ts';
import { loadSettings } from '../settings.ts';

export interface AuditVerifyOptions {
  /** File of the gateway's settings. */
  config?: string;
  /** What an earlier run with `json` wrote: how far the chains went then. */
  heads?: string;
  /** What `audit export` wrote, in the place of the store. */
  file?: string;
  json?: boolean;
}

/**
 * `a2a-gateway audit verify`: tells whatever is wrong with the trail. Answers the exit code: 0 for a trail that is whole, 1.
 *
 * @throws ConfigError and whatever keeps store, secrets or a file from being read
 */
export async function auditVerify(options: AuditVerifyOptions, io: Io): Promise<number> {
  const { json = false } = options;
  const noted = options.heads === undefined ? [] : await headsIn(options.heads);
  return withTrail(options, io, async ({ audit, seals }) => {
    const { file } = options;
    const trail = file === undefined ? await wholeTrail(audit, noted) : exportedTrail(file, noted);
    const reading = verifyTrail(trail, seals, Date.now());
    for (;;) {
      const { done, value } = await reading.next();
      if (done === true) {
        for (const line of json ? jsonLines(value) : textLines(value)) io.out(line);
        return value.findings === 0 ? 0 : 1;
      }
      io.out(json ? JSON.stringify({ finding: value }) : findingLine(value));
    }
  });
}

export interface AuditExportOptions {
  config?: string;
  /** Written then or later, as in RFC 3339. */
  from?: string;
  /** Written before. */
  to?: string;
}

/**
 * `a2a-gateway audit export`: the trail as JSON Lines, the oldest first; see `exportedLines`.
 *
 * @throws ConfigError and whatever keeps store or secrets from being read
 */
export async function auditExport(options: AuditExportOptions, io: Io): Promise<void> {
  const fromMs = timeOf('--from', options.from) ?? 0;
  const toMs = timeOf('--to', options.to) ?? Number.POSITIVE_INFINITY;
  await withTrail(options, io, async ({ audit }) => {
    for await (const segment of await audit.scan()) {
      if (segment.atMs < fromMs || segment.atMs >= toMs) continue;
      for (const line of exportedLines(segment)) io.out(line);
    }
  });
}

async function withTrail<T>(
  { config }: { config?: string },
  io: Io,
  work: (trail: OpenTrail) => Promise<T>,
): Promise<T> {
  const trail = await openTrail(loadSettings(config, io));
  try {
    return await work(trail);
  } finally {
    await trail.close();
  }
}

/** The heads are read before the segments: a gateway that runs goes on writing. */
async function wholeTrail(audit: OpenTrail['audit'], noted: readonly AuditHead[]): Promise<Trail> {
  const heads = chained(await audit.heads(), noted);
  return { heads, segments: await audit.scan() };
}

/** An export holds no heads, and may begin anywhere. */
function exportedTrail(file: string, heads: readonly AuditHead[]): Trail {
  return { segments: exportedSegments(linesIn(file)), heads, isWhole: false };
}

async function* chained<T>(one: AsyncIterable<T>, other: Iterable<T>): AsyncGenerator<T> {
  yield* one;
  yield* other;
}

/** Parted by line feeds alone: `readline` takes other characters for the end of a line too, which JSON may hold. */
async function* linesIn(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of createReadStream(file, 'utf8')) {
    const lines = `${rest}${piece}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

async function headsIn(file: string): Promise<AuditHead[]> {
  const heads = await notedHeads(linesIn(file));
  if (heads.length === 0)
    throw new Error(`${file} holds no heads: they are what \`audit verify --json\` writes`);
  return heads;
}

function jsonLines({ heads, ...totals }: Verified): string[] {
  return [
    ...heads.map((head) => JSON.stringify({ head })),
    JSON.stringify({ ...totals, chains: heads.length }),
  ];
}

function textLines({ segments, findings, heads }: Verified): string[] {
  return [
    `segments   ${segments} in ${heads.length} chains`,
    findings === 0 ? 'findings   none' : `findings   ${findings}`,
  ];
}

const maxShownChars = 80;

function findingLine({ chainId, sequence, toSequence, problem }: AuditFinding): string {
  const which = toSequence === undefined || toSequence === sequence ? '' : ` to ${toSequence}`;
  // Who may write to the store, or the file, is not to write to the terminal.
  const chain = /^[\w-]{1,36}$/.test(chainId) ? chainId : JSON.stringify(chainId).slice(0, maxShownChars);
  return `${problem.padEnd(12)} chain ${chain}, segment ${sequence}${which}`;
}

function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const timeMs = timestampMs(text);
  if (timeMs === undefined) throw new Error(`${option} is no time as in RFC 3339: 2026-01-31T00:00:00Z`);
  return timeMs;
}
