import { credentialKind } from '../credential.ts';

export const none = credentialKind({
  type: 'none',
  summary: 'Nothing: the backend asks for no credential.',
  example: { type: 'none' },
  members: {},
  secrets: {},
  open: () => ({ apply: (request, _, refused) => (refused === undefined ? request : undefined) }),
});
