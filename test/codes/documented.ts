import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FailureCode } from '../../src/failure.ts';

/** What `docs/errors.md` promises callers, read from its text: the code under test has no say in what is expected. */

const document = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');

export interface Documented {
  reason: string;
  domain: string;
  httpStatus: number;
  status: string;
  rpcCode: number;
  isRetryable: boolean;
  message: string;
}

function rowOf(code: FailureCode): string[] {
  const [row = ''] = new RegExp(`^\\| \`${code}\` \\|.*$`, 'm').exec(document) ?? [];
  return row.split('|').map((cell) => cell.trim().replaceAll('`', ''));
}

export function documented(code: FailureCode): Documented {
  const [, , reason = '', domain = '', httpStatus, status = '', rpcCode, retry, message = ''] = rowOf(code);
  return {
    ...{ reason, domain, status, message, httpStatus: Number(httpStatus), rpcCode: Number(rpcCode) },
    isRetryable: retry === 'yes',
  };
}

const [, listed = ''] = /status is 200 but for ([\d, and\n]+)\./.exec(document) ?? [];
const rpcStatuses = listed.split(/\D+/).map(Number);

/** The HTTP status beside a JSON-RPC error. */
export function rpcHttpStatus({ httpStatus }: Documented): number {
  return rpcStatuses.includes(httpStatus) ? httpStatus : 200;
}
