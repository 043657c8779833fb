import { describe, expect, it } from 'vitest';
import { customHeader, fieldName, headerSecret, isFreeHeader } from './header.ts';

describe("a header of a registration's own choice", () => {
  it.each(['X-API-Key', 'authorization', 'x-amzn-bedrock-agentcore-runtime-custom-identity', 'apikey'])(
    'may be %s',
    (name) => expect(isFreeHeader(name)).toBe(true),
  );

  it.each([
    ...['Host', 'Content-Length', 'content-type', 'Transfer-Encoding', 'connection', 'TE', 'Upgrade'],
    ...[
      'Cookie',
      'cookie2',
      'Proxy-Authorization',
      'X-Forwarded-For',
      'accept',
      'A2A-Version',
      'X-A2A-Extensions',
    ],
    ...['a2a-extensions', 'X-Request-ID', 'traceparent', 'x-amz-date', 'if-match', 'Last-Event-ID'],
    'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id',
  ])('is not %s', (name) => expect(isFreeHeader(name)).toBe(false));

  it.each(['', 'a b', 'a:b', 'a\r\nb', 'ключ', 'x'.repeat(129)])('is a token, unlike %j', (name) =>
    expect(fieldName.safeParse(name).success).toBe(false),
  );

  it('is not Authorization, which another credential may want', () => {
    expect(customHeader.safeParse('Authorization').success).toBe(false);
    expect(customHeader.safeParse('x-identity').success).toBe(true);
  });
});

describe('a secret that goes into a header', () => {
  it.each(['a\r\nx: y', 'a\nb', 'a\0b', ' a', 'a ', 'ä', '\u2028', 'a\tb', '', 'x'.repeat(4_097)])(
    'is refused where it could be more than a value: %j',
    (secret) => expect(headerSecret.safeParse(secret).success).toBe(false),
  );

  it.each(['k', 'a key of words', '~!@#$%^&*()'])('may be %s', (secret) =>
    expect(headerSecret.safeParse(secret).success).toBe(true),
  );
});
