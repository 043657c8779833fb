import { createRequire } from 'node:module';

/** What is used of Cedar's WebAssembly. Its calls are synchronous and share one memory. */
export type Cedar = Pick<
  typeof import('@cedar-policy/cedar-wasm/nodejs'),
  'policyToJson' | 'preparsePolicySet' | 'statefulIsAuthorized' | 'validate'
>;

/**
 * Cedar with a memory of its own. A module that was loaded before is loaded again: what one has prepared is kept under
 * names in that memory, and one that has trapped answers nothing right any more.
 *
 * Found as CommonJS finds packages, in a layer of AWS Lambda too, so that no bundle holds its 4 MB.
 *
 * @throws Error where the package is not there
 */
export function loadCedar(): Cedar {
  const requireHere = createRequire(import.meta.url);
  const path = requireHere.resolve('@cedar-policy/cedar-wasm/nodejs');
  delete requireHere.cache[path];
  return requireHere(path) as Cedar; // As its own declarations say.
}
