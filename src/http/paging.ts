import { GatewayError } from '../failure.ts';
import type { Page, PageRequest } from '../store/port.ts';

export const maxPageSize = 100;
export const defaultPageSize = 50;

/**
 * `pageSize` and `pageToken` of a listing. A token is only a position: what a page may show is decided anew for
 * whoever presents it.
 * @throws GatewayError `parameter_invalid`
 */
export function pageRequest(query: string): PageRequest {
  const parameters = new URLSearchParams(query);
  const size = sizeOf(parameters.get('pageSize'));
  const token = parameters.get('pageToken');
  return token === null || token === '' ? { size } : { size, after: keyOf(token) };
}

/** The paging members of an answer; `nextPageToken` is empty on the last page, as A2A's own listings have it. */
export function pageMembers({ next, totalSize }: Page<unknown>): {
  nextPageToken: string;
  totalSize: number;
} {
  return { nextPageToken: pageTokenOf(next), totalSize };
}

/** Empty on the last page. @param next printable ASCII, 256 characters at most */
export function pageTokenOf(next: string | undefined): string {
  return next === undefined ? '' : tokenOf(next);
}

function sizeOf(text: string | null): number {
  if (text === null || text === '') return defaultPageSize;
  const size = Number(text);
  if (/^\d+$/.test(text) && size >= 1 && size <= maxPageSize) return size;
  throw new GatewayError({
    code: 'parameter_invalid',
    parameter: 'pageSize',
    problem: `1 to ${maxPageSize}`,
  });
}

function tokenOf(key: string): string {
  return btoa(key).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function keyOf(token: string): string {
  try {
    const key = atob(token.replaceAll('-', '+').replaceAll('_', '/'));
    if (/^[\x21-\x7e]{1,256}$/.test(key)) return key;
  } catch {
    // Not base64: said below like any other token that is not ours.
  }
  throw new GatewayError({ code: 'parameter_invalid', parameter: 'pageToken', problem: 'not a page token' });
}
