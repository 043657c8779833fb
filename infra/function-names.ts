/** The functions of the stack; each has an entry in `src/runtimes/lambda/functions/` and a bundle of its own. */
export const functionNames = [
  'authorizer',
  'data-plane',
  'management',
  'maintenance',
  'seed',
  'indexer',
  'push',
] as const;

export type FunctionName = (typeof functionNames)[number];
