import { GatewayError } from '../../failure.ts';
import { stringifyExact } from '../../protocol/exact-json.ts';
import { isRecord } from '../../protocol/json.ts';
import type { Operation } from '../../protocol/operations.ts';
import type { ServedVersion } from '../../protocol/version.ts';
import { isEventStream, readRpcAnswer } from '../../proxy/answer.ts';
import type { AgentDialect } from '../agent-dialect.ts';
import { type AgentError, saidData, toAgentError } from '../agent-error.ts';
import type { CoreAnswer, JsonObject } from '../core-call.ts';
import { type Form, toCoreAnswer } from '../form.ts';
import { invalidAnswer } from '../invalid-answer.ts';
import { answerJson } from './answer-json.ts';
import { serverSentJson } from './server-sent.ts';

/** One call a request, so one id does for all. */
const id = 1;

/** JSON-RPC as a client speaks it (A2A §9). */
export function jsonRpcDialect(version: ServedVersion, form: Form): AgentDialect {
  return {
    write({ operation, request }, { url, tenant }) {
      const method = methodOf(operation, version);
      const params = { ...form.fromCoreRequest(operation, request), ...(tenant !== undefined && { tenant }) };
      const body = stringifyExact({ jsonrpc: '2.0', id, method, params });
      return { method: 'POST', url: new URL(url), headers: { 'content-type': 'application/json' }, body };
    },
    isStream: isEventStream,
    async readAnswer(response, { operation }, { maxAnswerBytes }) {
      const resultMayBeAbsent = operation.v0_3?.resultMayBeAbsent ?? false;
      const { text } = await readRpcAnswer(response, { id, resultMayBeAbsent }, maxAnswerBytes);
      return answerIn(answerJson(text), (result) => toCoreAnswer(form, operation, result));
    },
    async *readEvents(response, _, { maxEventBytes }) {
      for await (const event of serverSentJson(response, maxEventBytes))
        yield answerIn(event, (result) => form.toCoreEvent(result));
    },
  };
}

function methodOf(operation: Operation, version: ServedVersion): string {
  const method = version === '1.0' ? operation.name : operation.v0_3?.method;
  if (method === undefined)
    throw new GatewayError({ code: 'operation_unsupported', capability: operation.name });
  return method;
}

function answerIn(envelope: unknown, toCore: (result: unknown) => JsonObject): CoreAnswer {
  if (!isRecord(envelope)) throw invalidAnswer('jsonrpc');
  if (isRecord(envelope.error)) return { ok: false, error: rpcError(envelope.error) };
  return { ok: true, result: toCore(envelope.result) };
}

function rpcError({ code, message, data }: Record<string, unknown>): AgentError {
  const rpcCode = typeof code === 'number' ? code : undefined;
  return toAgentError({ rpcCode, message, ...saidData(data) });
}
