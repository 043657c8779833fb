import { parseExact } from '../../protocol/exact-json.ts';
import { isTooDeep } from '../../protocol/json.ts';
import { invalidAnswer } from '../invalid-answer.ts';

/**
 * Parses what an agent says, its numbers spelled as they were. Unlike what passes untouched it may not be deeper than a
 * request may, because it is walked through and written anew.
 *
 * @throws GatewayError `upstream_response_invalid`
 */
export function answerJson(text: string): unknown {
  const value = parsed(text);
  if (isTooDeep(text)) throw invalidAnswer('nesting');
  return value;
}

function parsed(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    throw invalidAnswer('syntax'); // The parser's own message quotes the answer, which no log may hold.
  }
}
