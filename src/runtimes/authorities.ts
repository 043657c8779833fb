import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config.ts';

/**
 * The further certificate authorities of setting `upstream.caFile`, as PEM. TLS takes a file without certificates for an
 * empty list, and would then trust no private agent without a word, so such a file is refused.
 *
 * @throws ConfigError
 */
export function readAuthorities(path: string): string {
  try {
    const pem = readFileSync(path, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([`setting upstream.caFile: ${path}: ${problem}`]);
  }
}
