import type { UpstreamResponse } from '../../ports.ts';
import { createEventFramer, eventData } from '../../protocol/event-stream.ts';
import { answerJson } from './answer-json.ts';

const decoder = new TextDecoder();

/**
 * The data of each event of an agent's stream, as JSON. What follows the last whole event is left out: it was cut off.
 * @throws GatewayError `upstream_event_too_large`, `upstream_response_invalid`, and those of the connection
 */
export async function* serverSentJson(
  response: UpstreamResponse,
  maxEventBytes: number,
): AsyncGenerator<unknown> {
  const framer = createEventFramer(maxEventBytes);
  for await (const chunk of response.chunks()) {
    const events = framer.push(chunk);
    if (events === undefined) continue;
    for (const data of eventData(decoder.decode(events))) yield answerJson(data);
  }
}
