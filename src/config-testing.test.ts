import { describe, expect, it } from 'vitest';
import { keepsAnonymousHere } from './config-testing.ts';

const here = {
  testing: { anonymous: { scopes: ['kit'], subject: 'anonymous' } },
  listen: { host: '127.0.0.1' },
  publicUrl: 'http://127.0.0.1:8080',
};
const grpc = { enabled: true, listen: { host: '127.0.0.1' }, publicAuthority: 'localhost:50051' };

describe('a gateway that takes requests without a token', () => {
  it.each<[what: string, more: object]>([
    ['without gRPC', {}],
    ['with gRPC on loopback', { grpc }],
    ['with gRPC that is off', { grpc: { ...grpc, enabled: false, listen: { host: '0.0.0.0' } } }],
  ])('is of this machine alone: %s', (_, more) => {
    expect(keepsAnonymousHere({ ...here, ...more })).toBe(true);
  });

  it.each<[what: string, more: object]>([
    ['another listener', { listen: { host: '0.0.0.0' } }],
    ['another listener of gRPC', { grpc: { ...grpc, listen: { host: '::' } } }],
    ['gRPC by a name of others', { grpc: { ...grpc, publicAuthority: 'agents.example:443' } }],
    ['gRPC by no name', { grpc: { ...grpc, publicAuthority: undefined } }],
    ['a URL of others', { publicUrl: 'https://agents.example' }],
    ['a URL that is none', { publicUrl: 'agents.example' }],
  ])('is not of this machine alone: %s', (_, more) => {
    expect(keepsAnonymousHere({ ...here, ...more })).toBe(false);
    expect(
      keepsAnonymousHere({ ...here, ...more, testing: { anonymous: { scopes: [], subject: 'a' } } }),
    ).toBe(true);
  });
});
