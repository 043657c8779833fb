import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentNamedBy, grpcPlaceOf } from './routing.ts';

const shared = { enabled: true, publicAuthority: 'grpc.example.com:443', agentAuthorities: false };
const wildcard = { ...shared, agentAuthorities: true };

const agentIds = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);

describe('a call over gRPC', () => {
  it.each(['1.0', '0.3'] as const)('reaches the agent whose published place it goes to, in %s', (version) => {
    fc.assert(
      fc.property(agentIds, fc.boolean(), (agentId, agentAuthorities) => {
        const settings = { ...shared, agentAuthorities };
        const place = grpcPlaceOf(agentId, version, settings);
        if (place === undefined) {
          expect({ version, agentAuthorities }).toEqual({ version: '0.3', agentAuthorities: false });
          return;
        }
        expect(agentNamedBy(place.url, place.tenant, settings)).toEqual({ ok: true, value: agentId });
      }),
    );
  });

  it.each([
    ['billing.grpc.example.com:443', undefined, 'billing'],
    ['BILLING.grpc.Example.com', '', 'billing'],
    ['billing.grpc.example.com:50051', 'billing', 'billing'],
    ['grpc.example.com:443', 'billing', 'billing'],
    ['10.0.0.7:50051', 'billing', 'billing'],
    ['a.billing.grpc.example.com', 'hr', 'hr'],
    ['billinggrpc.example.com', 'hr', 'hr'],
    ['.grpc.example.com', 'hr', 'hr'],
  ])('to %s with tenant %j is for %s', (authority, tenant, value) => {
    expect(agentNamedBy(authority, tenant, wildcard)).toEqual({ ok: true, value });
  });

  it.each([
    ['the shared authority and no tenant', 'grpc.example.com:443', undefined, 'missing'],
    ['an empty tenant', 'grpc.example.com:443', '', 'missing'],
    ['a null tenant', 'grpc.example.com:443', null, 'missing'],
    ["another's tenant", 'billing.grpc.example.com:443', 'hr', 'authority'],
    ['a tenant that is no text', 'billing.grpc.example.com:443', 7, 'type'],
    ['no authority at all', '', undefined, 'missing'],
  ])('with %s is refused', (_, authority, tenant, problem) => {
    expect(agentNamedBy(authority, tenant, wildcard)).toMatchObject({
      ok: false,
      failure: { code: 'parameter_invalid', parameter: 'tenant', problem },
    });
  });

  it('names no agent by its authority where agents have none of their own', () => {
    expect(agentNamedBy('billing.grpc.example.com:443', undefined, shared).ok).toBe(false);
  });

  it('has no place where gRPC is not served', () => {
    expect(grpcPlaceOf('billing', '1.0', { ...wildcard, enabled: false })).toBeUndefined();
  });
});
