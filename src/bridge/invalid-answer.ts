import { GatewayError } from '../failure.ts';

/** The failure of an agent whose answer cannot be read. @param problem what about it, in a word */
export function invalidAnswer(problem: string): GatewayError {
  return new GatewayError({ code: 'upstream_response_invalid', problem });
}
