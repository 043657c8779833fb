import { StoreError, type StoreProblem } from '../store-error.ts';

const byName: Readonly<Record<string, readonly [problem: StoreProblem, words: string]>> = {
  ResourceNotFoundException: ['cannot_open', 'there is no such table'],
  AccessDeniedException: ['cannot_open', 'this role may not'],
  UnrecognizedClientException: ['cannot_open', 'the credentials are not known'],
  CredentialsProviderError: ['cannot_open', 'no credentials'],
  ProvisionedThroughputExceededException: ['busy', 'throttled'],
  RequestLimitExceeded: ['busy', 'throttled'],
  ThrottlingException: ['busy', 'throttled'],
  TransactionCanceledException: ['busy', 'other writes were in the way'],
  TransactionInProgressException: ['busy', 'other writes were in the way'],
};

/**
 * What the SDK threw after its own tries, as a {@link StoreError} with the original as its cause. DynamoDB's words
 * stay in the cause: they may quote what was sent.
 */
export function toStoreError(error: unknown, tableName: string): StoreError {
  const name = nameOf(error);
  const [problem, words] = byName[name] ?? ['failed', 'the call failed'];
  return new StoreError(problem, `table ${tableName}: ${words} (${name})`, { cause: error });
}

/** A refused or broken connection has no name of its own, but a code. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
