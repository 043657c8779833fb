import { GatewayError } from '../failure.ts';

/** The entity tag of a revision (RFC 9110 §8.8.3). */
export function revisionTag(revision: number): string {
  return `"${revision}"`;
}

/**
 * Checks `If-Match` against a revision (RFC 9110 §13.1.1); an absent one passes unless it is required.
 * @throws GatewayError `precondition_required`, `precondition_failed`
 */
export function requireMatch(request: Request, revision: number, isRequired: boolean): void {
  const condition = request.headers.get('if-match');
  if (condition === null) {
    if (isRequired) throw new GatewayError({ code: 'precondition_required' });
    return;
  }
  if (!tagsIn(condition).some((tag) => tag === '*' || tag === revisionTag(revision))) {
    throw new GatewayError({ code: 'precondition_failed' });
  }
}

/**
 * Checks that `If-Match` names this very tag: `*` says that there is something, not that it was looked at.
 * @throws GatewayError `precondition_required`, `precondition_failed`
 */
export function requireSeen(request: Request, tag: string): void {
  const condition = request.headers.get('if-match');
  if (condition === null) throw new GatewayError({ code: 'precondition_required' });
  if (!tagsIn(condition).includes(tag)) throw new GatewayError({ code: 'precondition_failed' });
}

/** Whether `If-None-Match` names this tag, compared weakly (RFC 9110 §13.1.2). */
export function matchesNone(request: Request, tag: string): boolean {
  const condition = request.headers.get('if-none-match');
  if (condition === null) return false;
  return tagsIn(condition).some((listed) => listed === '*' || opaque(listed) === opaque(tag));
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, '');
}

function tagsIn(condition: string): string[] {
  return condition.split(',').map((tag) => tag.trim());
}
