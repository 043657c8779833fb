import { legacyErrorType } from '../../../protocol/errors.ts';
import { stringifyExact } from '../../../protocol/exact-json.ts';
import type { AgentError } from '../../agent-error.ts';

/**
 * An agent's error as a body in HTTP+JSON of 0.3; its status is {@link AgentError.httpStatus}. `data` is what the agent
 * gave, else the details.
 */
export function legacyRestAgentErrorBody({ rpcCode, message, reason, data, details }: AgentError): string {
  const given = data ?? (details.length === 0 ? undefined : details);
  return stringifyExact({
    code: rpcCode,
    message,
    ...(reason !== undefined && { type: legacyErrorType(reason) }),
    ...(given !== undefined && { data: given }),
  });
}
