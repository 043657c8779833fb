import { describe, expect, it } from 'vitest';
import { cites } from '../../test/support/cites.ts';
import { negotiateVersion, servedVersions } from './version.ts';

describe('negotiateVersion', () => {
  it.each([
    ['1.0', null],
    [null, '1.0'],
    ['1.0', '1.0'],
    ['1.0.1', '1.0'],
    [' 1.0 ', ''],
    ['', '1.0.999999'],
  ])('serves 1.0 for header %j and query %j', (header, query) => {
    cites('A2A-3.6-patch');
    for (const offered of [['1.0'], servedVersions] as const)
      expect(negotiateVersion(header, query, offered)).toEqual({ ok: true, value: '1.0' });
  });

  it.each([
    [null, null],
    ['', ' '],
    ['0.3', null],
    ['0.3.0', ''],
    [null, '0.3'],
    ['0.3', '0.3.9'],
  ])('serves 0.3 for header %j and query %j, where it is offered', (header, query) => {
    cites('A2A-3.6-patch');
    for (const offered of [['0.3'], servedVersions] as const)
      expect(negotiateVersion(header, query, offered)).toEqual({ ok: true, value: '0.3' });
  });

  it.each([
    [null, null, '0.3'],
    ['', '', '0.3'],
    ['0.3', null, '0.3'],
    ['0.3.0', null, '0.3'],
    [null, '1.1', '1.1'],
    ['1', null, '1'],
    ['01.0', null, '01.0'],
    ['v1.0', null, 'v1.0'],
    ['1.0, 1.0', null, '1.0, 1.0'],
    ['1.0.', null, '1.0.'],
    ['x'.repeat(100), null, 'x'.repeat(32)],
  ])('refuses header %j and query %j as %j', (header, query, requested) => {
    expect(negotiateVersion(header, query, ['1.0'])).toEqual({
      ok: false,
      failure: { code: 'version_unsupported', requested, supported: '1.0' },
    });
  });

  it.each([
    ['1.0', ['0.3'], '0.3'],
    ['0.2', ['1.0', '0.3'], '1.0, 0.3'],
    ['0.30', ['1.0', '0.3'], '1.0, 0.3'],
    ['1.0', [], ''],
  ] as const)('names what is offered where %j is not among %j', (requested, offered, supported) => {
    expect(negotiateVersion(requested, null, offered)).toEqual({
      ok: false,
      failure: { code: 'version_unsupported', requested, supported },
    });
  });

  it('refuses a header and a query that differ', () => {
    cites('A2A-3.6.1-conflict');
    expect(negotiateVersion('1.0', '0.3', servedVersions)).toEqual({
      ok: false,
      failure: { code: 'parameter_invalid', parameter: 'A2A-Version', problem: 'conflict' },
    });
  });
});
