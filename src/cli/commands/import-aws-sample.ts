import { readFileSync } from 'node:fs';
import { createAdmin } from '../../import/admin.ts';
import { importSample } from '../../import/import-sample.ts';
import { isComplete, jsonReport, textReport } from '../../import/outcome.ts';
import { parseUrl } from '../../parse-url.ts';
import { type PermissionOperation, permissionOperations } from '../../protocol/permission-operations.ts';
import { openAwsSample, type SampleTables } from '../aws-sample-source.ts';
import type { Io } from '../io.ts';

export interface ImportAwsSampleOptions extends SampleTables {
  /** Where the gateway is. */
  to: string;
  tokenFile?: string;
  /** Comma-separated. */
  operations?: string;
  dryRun?: boolean;
  json?: boolean;
}

/**
 * `a2a-gateway import aws-sample`: answers 0 when the gateway has all that the sample has, 2 when something was skipped
 * or is not as the sample has it. @throws whatever keeps it from running to its end
 */
export async function importAwsSample(options: ImportAwsSampleOptions, io: Io): Promise<number> {
  const url = gatewayUrl(options.to);
  const operations = operationsIn(options.operations);
  const admin = createAdmin({ url, token: adminToken(options.tokenFile, io.env) });
  const isDryRun = options.dryRun ?? false;
  const source = await openAwsSample(options);
  try {
    const { report, stopped } = await importSample(source, admin, { operations, isDryRun });
    const lines = options.json === true ? jsonReport(report, isDryRun) : textReport(report, isDryRun);
    for (const line of lines) io.out(line);
    if (stopped !== undefined) throw stopped;
    return isComplete(report) ? 0 : 2;
  } finally {
    source.close();
  }
}

/** Secrets go there: in the clear only where they do not leave the machine. */
function gatewayUrl(text: string): string {
  const url = parseUrl(text);
  if (url === undefined) throw new Error('--to is no URL: give it as https://gateway.example.com');
  if (url.username !== '' || url.password !== '')
    throw new Error('--to holds a user or password: the token goes into --token-file or A2A_TOKEN');
  if (url.search !== '' || url.hash !== '')
    throw new Error('--to has a query or fragment: give the public URL of the gateway only');
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  if (!isSafe) throw new Error('--to must be https, since secrets go there; http is taken for loopback only');
  return url.href.replace(/\/+$/, '');
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

function adminToken(file: string | undefined, env: Io['env']): string {
  const token = (file === undefined ? (env.A2A_TOKEN ?? '') : tokenIn(file)).trim();
  if (token === '')
    throw new Error('no token: name its file with --token-file, or set A2A_TOKEN; scope gateway:admin');
  // Checked here, since the one who sends it would quote it.
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(token))
    throw new Error('the token is no bearer token: the file or variable must hold it and nothing else');
  return token;
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
    throw new Error(`cannot read the token file ${file}: ${code}`);
  }
}

function operationsIn(text: string | undefined): PermissionOperation[] | undefined {
  if (text === undefined) return undefined;
  const given = text.split(',').map((name) => name.trim());
  const known = permissionOperations.filter((operation) => given.includes(operation));
  if (given.every((name) => known.some((operation) => operation === name))) return known;
  throw new Error(`--operations ${text}: give some of ${permissionOperations.join(',')}`);
}
