import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseUrl } from './parse-url.ts';

describe('the URL of a text', () => {
  it('is read the same however often it was read', () => {
    const hosts = Array.from({ length: 20_000 }, () => parseUrl('http://bücher.example/ü')?.hostname);
    expect(new Set(hosts)).toEqual(new Set(['xn--bcher-kva.example']));
  });

  it.each(['', 'bücher', '//bücher.example', 'http://', 'http://a b/'])('is none: %j', (text) => {
    expect(parseUrl(text)).toBeUndefined();
  });

  it('is nowhere asked of what forgets it', () => {
    const asking = ['src', 'infra', 'aws-local']
      .flatMap((folder) => {
        const root = join(import.meta.dirname, '..', folder);
        return readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name));
      })
      .filter((file) => /(?<!\.test)\.ts$/.test(file) && !file.endsWith('parse-url.ts'))
      .filter((file) => readFileSync(file, 'utf8').includes('canParse'));
    expect(asking).toEqual([]);
  });
});
