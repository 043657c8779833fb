import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FunctionName, functionNames } from '../../infra/function-names.ts';

/** What `npm run bundle` writes: the functions as they are deployed. */

const folder = join(import.meta.dirname, '../../dist/lambda');
const kilobyte = 1_000;

/** A cold start reads and compiles all of it, so a bundle that grows is a choice. */
const maxKilobytes: Readonly<Record<FunctionName, number>> = {
  authorizer: 500,
  'data-plane': 2_000,
  management: 2_000,
  maintenance: 500,
  seed: 2_000,
};

function textOf(name: FunctionName): string {
  return readFileSync(join(folder, name, 'index.mjs'), 'utf8');
}

describe.each(functionNames)('the bundle of %s', (name) => {
  it('is one file of a bounded size', () => {
    expect(readdirSync(join(folder, name))).toEqual(['index.mjs']);
    expect(Buffer.byteLength(textOf(name)) / kilobyte).toBeLessThan(maxKilobytes[name]);
  });

  it('holds no word of the machine it was built on, and nothing that only tests and other runtimes need', () => {
    const text = textOf(name);
    const strangers = [join(import.meta.dirname, '../..'), 'libsql', 'oidc-provider', 'pino-std'];
    expect(strangers.filter((stranger) => text.includes(stranger))).toEqual([]);
  });
});

describe('the bundle of the authorizer', () => {
  it('reads no secrets: their client is not in it', () => {
    const reading = functionNames.filter((name) => textOf(name).includes('secretsmanager'));
    expect(reading).toEqual(functionNames.filter((name) => name !== 'authorizer'));
  });
});
