import { GatewayError } from '../../src/failure.ts';
import { type Operation, type OperationName, operations } from '../../src/protocol/operations.ts';

/** The row of an operation. */
export function operationNamed(name: OperationName): Operation {
  const found = operations.find((each) => each.name === name);
  if (found === undefined) throw new TypeError(`no operation ${name}`);
  return found;
}

/** The failure of what refuses; anything else that is thrown goes on. */
export function failureOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof GatewayError) return error.failure;
    throw error;
  }
}
