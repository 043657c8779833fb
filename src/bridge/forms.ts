import type { ServedVersion } from '../protocol/version.ts';
import { currentForm, type Form } from './form.ts';

/** How JSON-RPC spells things in a version. What is not of the latest is loaded when first needed. */
export async function formOf(version: ServedVersion): Promise<Form> {
  return version === '1.0' ? currentForm : (await import('./v0_3/form.ts')).legacyForm;
}
