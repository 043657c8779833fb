/** A function that failed, in Lambda's words: a type such as `Runtime.ExitError` or the name of what was thrown. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly errorType: string;

  constructor(errorType: string, errorMessage: string) {
    super(errorMessage);
    this.errorType = errorType;
  }
}

/** Reads the error body a runtime posts; what is missing is said so, because a runtime may send anything. */
export function parseFunctionError(body: string, errorType = 'Unhandled'): FunctionError {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) {
      const type = Reflect.get(parsed, 'errorType');
      const message = Reflect.get(parsed, 'errorMessage');
      return new FunctionError(
        typeof type === 'string' ? type : errorType,
        typeof message === 'string' ? message : '',
      );
    }
  } catch {
    // Not JSON: the text itself is all there is.
  }
  return new FunctionError(errorType, body);
}
