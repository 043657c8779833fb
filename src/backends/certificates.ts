import type * as z from 'zod';
import { pemText } from './limits.ts';
import { type PemBlock, parsePem } from './pem.ts';
import { notAfterMs } from './x509-validity.ts';

/**
 * Certificates in PEM and nothing beside: everyone who may see the agent sees them, and a key pasted next to its
 * certificate must not be kept among them.
 */
export const certificates: z.ZodType<string> = pemText.refine((text) => {
  const blocks = parsePem(text) ?? [];
  return blocks.length > 0 && blocks.every(isReadable);
}, 'must be certificates in PEM and nothing else');

function isReadable({ label, bytes }: PemBlock): boolean {
  return label === 'CERTIFICATE' && notAfterMs(bytes) !== undefined;
}
