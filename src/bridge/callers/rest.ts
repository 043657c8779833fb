import type { Failure } from '../../failure.ts';
import { restFailureBody } from '../../protocol/errors.ts';
import { stringifyExact } from '../../protocol/exact-json.ts';
import type { ServedVersion } from '../../protocol/version.ts';
import { type AgentError, statusDetails } from '../agent-error.ts';
import type { CallerWords } from '../caller-words.ts';
import type { Form } from '../form.ts';
import { legacyRestAgentErrorBody } from '../v0_3/proto/error.ts';

/** HTTP+JSON as a server speaks it (A2A §11, 0.3 §3.2.3). @param contentType the JSON type the caller takes */
export function restWords(version: ServedVersion, form: Form, contentType: string): CallerWords {
  const spelled = (body: string) => ({ status: 200, contentType, body });
  const errorBody = version === '0.3' ? legacyRestAgentErrorBody : statusBody;
  return {
    result: (operation, result) => spelled(stringifyExact(form.fromCoreResult(operation, result) ?? {})),
    spelled,
    error: (error) => ({ status: error.httpStatus, contentType, body: errorBody(error) }),
    event: (event, isFinal) => stringifyExact(form.fromCoreEvent(event, isFinal)),
    errorEvent: errorBody,
    failureEvent: (failure: Failure) => restFailureBody(failure, version),
    resultOf: (event) => event,
  };
}

function statusBody(error: AgentError): string {
  const { httpStatus: code, status, message } = error;
  return stringifyExact({ error: { code, status, message, details: statusDetails(error) } });
}
