import * as z from 'zod';
import { parseUrl } from '../parse-url.ts';

/** URL the gateway may be told to call. `https://trusted@other` looks to people like the host it does not name. */
export const url = z
  .url({ protocol: /^https?$/ })
  .max(2_048)
  .refine((text) => !hasUserinfo(text), 'must have no user name and no password');
export const text = z.string().min(1).max(512);
/** A secret a person gives. */
export const secretText = z.string().min(1).max(4_096);
/** Certificates or a key in PEM; a chain of four RSA certificates is about 8 KB. */
export const pemText = z.string().min(1).max(32_768);

function hasUserinfo(text: string): boolean {
  const url = parseUrl(text);
  return url !== undefined && (url.username !== '' || url.password !== '');
}
