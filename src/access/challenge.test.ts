import { describe, expect, it } from 'vitest';
import { cites } from '../../test/support/cites.ts';
import { type Failure, factsOf, failureCodes } from '../failure.ts';
import { challengeFor } from './challenge.ts';

const url = 'https://gateway.test/.well-known/oauth-protected-resource/agents/billing';

describe('the challenge of a refusal', () => {
  it.each<[Failure, string]>([
    [{ code: 'token_missing' }, `Bearer resource_metadata="${url}"`],
    [
      { code: 'token_invalid', problem: 'expired' },
      `Bearer error="invalid_token", error_description="expired", resource_metadata="${url}"`,
    ],
    [
      { code: 'scope_missing', scope: 'gateway:admin' },
      `Bearer error="insufficient_scope", scope="gateway:admin", resource_metadata="${url}"`,
    ],
  ])('%j says how to get a token', (failure, challenge) =>
    expect(challengeFor(failure, url)).toBe(challenge),
  );

  it('is given with every 401 and with a missing scope, and with nothing else', () => {
    cites('RFC-6750-3-error');
    const challenged = failureCodes.filter(
      // Only the code decides here; the evidence is not looked at.
      (code) => challengeFor({ code } as Failure, url) !== undefined,
    );
    const due = failureCodes.filter((code) => factsOf(code).httpStatus === 401);
    expect(challenged).toEqual([...due, 'scope_missing']);
  });
});
