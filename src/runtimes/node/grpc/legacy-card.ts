import type { JsonObject } from '../../../bridge/core-call.ts';
import { GatewayError } from '../../../failure.ts';
import { parseAgentCard } from '../../../protocol/card-parse.ts';
import { toHybridCard } from '../../../protocol/v0_3/card-publish.ts';

/**
 * A published card as the proto of 0.3 has it: endpoints and flags as in the JSON of 0.3, but security as in 1.0, for JSON
 * alone writes it as OpenAPI does.
 *
 * @throws GatewayError `upstream_response_invalid` for what is no card
 */
export function toLegacyProtoCard(published: JsonObject): JsonObject {
  const parsed = parseAgentCard(published);
  if (!parsed.ok) throw new GatewayError({ code: 'upstream_response_invalid', problem: 'card' });
  // The parser keeps no security, for an agent's own does not count; this card has the gateway's.
  const { securitySchemes, securityRequirements: security } = published;
  return {
    ...toHybridCard(parsed.value.card),
    ...(securitySchemes !== undefined && { securitySchemes }),
    ...(security !== undefined && { security }),
  };
}
