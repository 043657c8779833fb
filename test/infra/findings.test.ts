import { describe, expect, it } from 'vitest';
import { synthesise } from './synthesis.ts';
import { variants } from './variants.ts';

/** Every acknowledgement stands beside its resource, with its reason; there is no list of exceptions here. */
describe('cdk-nag (AwsSolutions) and the rules of the CDK', () => {
  it.each(Object.entries(variants))('find nothing in %s', { timeout: 60_000 }, (_, given) => {
    expect(synthesise(given, true).findings).toEqual([]);
  });

  it('would be noticed if they found something', { timeout: 60_000 }, () => {
    const findings = synthesise({ endpointType: 'PRIVATE', callerCidrs: ['0.0.0.0/0'] }, true).findings;
    expect(findings).toEqual([
      expect.stringMatching(/EC23.* Test\/Gateway\/ExecuteApiEndpointSecurityGroup/),
    ]);
  });
});

describe('synthesis', () => {
  it.each(['default', 'private with NAT'])('answers the same twice for %s', (name) => {
    expect(synthesise(variants[name]).template).toEqual(synthesise(variants[name]).template);
  });
});
