import { restErrorBody } from '../../protocol/errors.ts';
import { stringifyExact } from '../../protocol/exact-json.ts';
import { type AgentError, statusDetails } from '../agent-error.ts';
import type { CallerWords } from '../caller-words.ts';
import { currentForm } from '../form.ts';

/** HTTP+JSON of 1.0 as a server speaks it (A2A §11). @param contentType the JSON type the caller takes */
export function restWords(contentType: string): CallerWords {
  const spelled = (body: string) => ({ status: 200, contentType, body });
  return {
    result: (operation, result) => spelled(stringifyExact(currentForm.fromCoreResult(operation, result))),
    spelled,
    error: (error) => ({ status: error.httpStatus, contentType, body: statusBody(error) }),
    event: (event, isFinal) => stringifyExact(currentForm.fromCoreEvent(event, isFinal)),
    errorEvent: statusBody,
    failureEvent: restErrorBody,
    resultOf: (event) => event,
  };
}

function statusBody(error: AgentError): string {
  const { httpStatus: code, status, message } = error;
  return stringifyExact({ error: { code, status, message, details: statusDetails(error) } });
}
