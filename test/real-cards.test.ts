import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentCard } from '@a2a-js/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './support/gateway.ts';

/**
 * Registers every card of a folder as it stands: the fixtures, or any others by `AGENT_CARDS_DIR`. What became of each
 * is written as Markdown to the path in `AGENT_CARDS_REPORT`, if that is set.
 */
const fixtures = join(import.meta.dirname, 'fixtures/cards');
const folder = process.env.AGENT_CARDS_DIR ?? fixtures;
const reportPath = process.env.AGENT_CARDS_REPORT;
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .sort();

interface Outcome {
  file: string;
  outcome: 'active' | 'inactive' | 'refused';
  /** Of a refusal, `path problem`; of an inactive agent, the reason. */
  because: string;
  /** Without their paths. */
  warnings: string[];
}

const outcomes: Outcome[] = [];
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ registration: null, settings: { publicUrl: 'https://gateway.test' } });
  gateway.agent.script(({ target }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(readFileSync(join(folder, decodeURIComponent(target.slice(1)))));
  });
});

afterAll(async () => {
  await gateway.close();
  if (reportPath !== undefined) writeFileSync(reportPath, reportOf(outcomes));
});

describe('a card as people publish it', () => {
  it.each(files)('%s is taken or refused with the place of its fault', async (file) => {
    const agentId = `card-${files.indexOf(file)}`;
    const urls = endpointsOf(readFileSync(join(folder, file), 'utf8'));
    const response = await gateway.admin('POST', '/admin/agents', {
      agentId,
      agentCardUrl: `${gateway.agent.url}/${encodeURIComponent(file)}`,
      backendUrl: urls[0] === undefined ? undefined : new URL(urls[0]).origin,
      publicCard: true,
    });
    const answer = await response.json();
    if (response.status !== 201) {
      outcomes.push({ file, outcome: 'refused', because: refusalOf(answer), warnings: [] });
      return;
    }
    const { status, statusReason = '', cardWarnings } = answer;
    const warnings = cardWarnings.map((warning: string) => warning.replace(/^\S*: /, ''));
    outcomes.push({ file, outcome: status, because: statusReason, warnings });
    expect(['active', 'inactive']).toContain(status);
    if (status === 'inactive') expect(statusReason).not.toBe('');
    else await expectPublished(agentId, urls);
  });

  it.runIf(folder === fixtures)('is among the fixtures in each of these ways', () => {
    expect(outcomes.map(({ file, outcome }) => `${file} ${outcome}`)).toEqual([
      'bad-manifest.json refused',
      'bad-placeholder.json refused',
      'deviating.json active',
      'hybrid.json active',
      'v0_3.json active',
      'v1.json active',
    ]);
  });
});

/** `path problem` of a refused card, `parameter problem` where the origin it names may not be called. */
function refusalOf(answer: { error: { details: { reason: string; metadata: Record<string, string> }[] } }) {
  const { reason = '', metadata = {} } = answer.error.details[0] ?? {};
  expect(['CARD_INVALID', 'PARAMETER_INVALID', 'CARD_UNAVAILABLE']).toContain(reason);
  expect(metadata.problem).toBeTruthy();
  return `${metadata.path ?? metadata.parameter ?? ''} ${metadata.problem}`;
}

/** In the layout of 1.0, and in that of 0.3 where there is one. */
async function expectPublished(agentId: string, urls: readonly string[]): Promise<void> {
  const [text, withoutVersion] = [await cardText(agentId, '1.0'), await cardText(agentId, '')];
  const card = AgentCard.fromJSON(JSON.parse(text));
  expect(card.supportedInterfaces.length).toBeGreaterThan(0);
  expect(card.skills.length).toBeGreaterThan(0);
  for (const { url } of card.supportedInterfaces) expect(url).toBe(`https://gateway.test/agents/${agentId}`);
  for (const url of urls) {
    const origin = new URL(url).origin.replaceAll('.', '\\.');
    const telling = new RegExp(`${origin}(?![a-z0-9:-]|\\.[a-z0-9])`, 'i');
    for (const published of [text, withoutVersion]) expect(published).not.toMatch(telling);
  }
}

async function cardText(agentId: string, version: string): Promise<string> {
  const headers = { 'a2a-version': version };
  const url = `${gateway.url}/agents/${agentId}/.well-known/agent-card.json`;
  const response = await fetch(url, { headers });
  expect(response.status).toBe(200);
  return response.text();
}

/** The web addresses a card names its interfaces by, in either layout, the preferred first. */
function endpointsOf(text: string): string[] {
  const card = parsed(text);
  const listed = [card.supportedInterfaces, card.additionalInterfaces].flatMap((list) =>
    Array.isArray(list) ? list.map((entry: unknown) => Reflect.get(Object(entry), 'url')) : [],
  );
  const all: unknown[] = Array.isArray(card.supportedInterfaces)
    ? [...listed, card.url]
    : [card.url, ...listed];
  return all.filter(
    (url): url is string => typeof url === 'string' && /^https?:/i.test(url) && URL.canParse(url),
  );
}

function parsed(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function reportOf(all: readonly Outcome[]): string {
  const refused = all.filter(({ outcome }) => outcome === 'refused');
  const warned = all.flatMap(({ file, warnings }) => [...new Set(warnings)].map((what) => ({ file, what })));
  return [
    table(
      'Outcome',
      all.map(({ file, outcome }) => ({ file, what: outcome })),
    ),
    table(
      'Refused',
      refused.map(({ file, because }) => ({ file, what: because })),
    ),
    table('Tolerated', warned),
  ].join('\n');
}

/** How often each thing was seen, the most frequent first, and in which files. */
function table(title: string, seen: readonly { file: string; what: string }[]): string {
  const filesOf = new Map<string, string[]>();
  for (const { file, what } of seen) filesOf.set(what, [...(filesOf.get(what) ?? []), file]);
  const rows = [...filesOf]
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([what, found]) => `| ${what} | ${found.length} | ${found.join(', ')} |`);
  return [`| ${title} | Cards | Files |`, '| --- | --- | --- |', ...rows, ''].join('\n');
}
