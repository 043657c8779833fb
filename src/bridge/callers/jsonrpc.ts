import { rpcErrorBody } from '../../protocol/errors.ts';
import { stringifyExact } from '../../protocol/exact-json.ts';
import { isRecord } from '../../protocol/json.ts';
import { type AgentError, rpcData } from '../agent-error.ts';
import type { CallerWords, Worded } from '../caller-words.ts';
import type { Form } from '../form.ts';

/** JSON-RPC as a server speaks it (A2A §9). @param idText the id of the call as the caller spelled it */
export function jsonRpcWords(idText: string, form: Form): CallerWords {
  const envelope = (member: string) => `{"jsonrpc":"2.0","id":${idText},${member}}`;
  const worded = (member: string): Worded => ({
    status: 200,
    contentType: 'application/json',
    body: envelope(member),
  });
  const spelled = (result: string) => worded(`"result":${result}`);
  return {
    result(operation, result) {
      // Both official SDKs answer a deletion with null.
      const isEmpty = operation.name === 'DeleteTaskPushNotificationConfig';
      return spelled(isEmpty ? 'null' : stringifyExact(form.fromCoreResult(operation, result)));
    },
    spelled,
    error: (error) => worded(`"error":${rpcError(error)}`),
    event: (event, isFinal) => envelope(`"result":${stringifyExact(form.fromCoreEvent(event, isFinal))}`),
    errorEvent: (error) => envelope(`"error":${rpcError(error)}`),
    failureEvent: (failure) => rpcErrorBody(failure, idText),
    resultOf: (event) => (isRecord(event) ? event.result : undefined),
  };
}

function rpcError(error: AgentError): string {
  const { rpcCode: code, message } = error;
  return stringifyExact({ code, message, data: rpcData(error) });
}
