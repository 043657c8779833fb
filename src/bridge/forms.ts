import type { Binding } from '../protocol/protocols.ts';
import type { ServedVersion } from '../protocol/version.ts';
import { currentForm, type Form } from './form.ts';

/** How a version is spelled in a binding. What is not of the latest is loaded when first needed. */
export async function formOf(version: ServedVersion, binding: Binding): Promise<Form> {
  if (version === '1.0') return currentForm;
  return binding === 'JSONRPC'
    ? (await import('./v0_3/form.ts')).legacyForm
    : (await import('./v0_3/proto/form.ts')).legacyProtoForm;
}
