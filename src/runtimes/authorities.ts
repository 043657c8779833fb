import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config.ts';

/**
 * The further certificate authorities a setting names a file of, as PEM; none where it names none. TLS takes a file without
 * certificates for an empty list, and would then trust nobody private without a word, so such a file is refused.
 *
 * @throws ConfigError
 */
export function readAuthorities(setting: string, path: string | undefined): string[] {
  if (path === undefined) return [];
  try {
    const pem = readFileSync(path, 'utf8');
    new X509Certificate(pem);
    return [pem];
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([`setting ${setting}: ${path}: ${problem}`]);
  }
}
