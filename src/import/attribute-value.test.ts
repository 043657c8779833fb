import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainItem } from './attribute-value.ts';

describe('an item of a table', () => {
  it('becomes plain values, nested ones too', () => {
    const item = {
      agentId: { S: 'billing' },
      requestsPerMinute: { N: '60' },
      isNew: { BOOL: false },
      nothing: { NULL: true },
      set: { SS: ['a', 'b'] },
      authConfig: { M: { scopes: { L: [{ S: 'invoke' }] }, type: { S: 'x' } } },
      bytes: { B: new Uint8Array(1) },
    };
    expect(plainItem(item)).toEqual({
      agentId: 'billing',
      requestsPerMinute: 60,
      isNew: false,
      nothing: null,
      set: ['a', 'b'],
      authConfig: { scopes: ['invoke'], type: 'x' },
      bytes: undefined,
    });
  });

  it('never throws and never changes what prototypes are, whatever it is', () => {
    fc.assert(fc.property(fc.anything(), (item) => void plainItem(item)));
    const hostile: unknown = JSON.parse('{"__proto__":{"M":{"status":{"S":"active"}}}}');
    expect(plainItem(hostile).status).toBeUndefined();
  });
});
