import { A2AError } from '@a2a-js/sdk/errors';

/** What a scenario saw, as JSON: of an error what a program can tell by it. */
export type Observed = unknown;

/**
 * What came of a call.
 * @returns the result, or the error in an object
 */
export async function outcomeOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return (await run()) ?? 'nothing';
  } catch (error) {
    return { error: errorFacts(error) };
  }
}

/** Refused by the gateway itself, in its own words, where the agent would refuse it in the agent's. */
export async function refusalOf(run: () => Promise<unknown>): Promise<unknown> {
  const { error } = (await outcomeOf(run)) as { error?: Record<string, unknown> }; // Of what is refused.
  const { name, reason, envelopeCode, statusCode } = error ?? {};
  return { name, reason, envelopeCode, statusCode };
}

/** What a client knows of an error, whatever it is called in the binding. */
function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof A2AError)) return { name: 'Error', message: String(error) };
  const { reason, metadata } = error;
  // Before an error that has no reason it knows, the client of gRPC puts words of its own.
  const message = error.message.replace(/^gRPC error for \w+: \d+ /, '');
  const { envelopeCode, statusCode, code, data } = error as unknown as Record<string, unknown>; // Of the binding's.
  return {
    name: error.name.replace(/^(?:Rest|JsonRpc|Grpc)/, ''),
    reason,
    message,
    ...definedIn({ metadata, envelopeCode, statusCode, code, data }),
  };
}

function definedIn(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** The same with ids numbered in the order they come up, and no times: so that two runs can be equal. */
export function comparable(observed: Observed): unknown {
  const numbers = new Map<string, number>();
  const numbered = (id: string) => {
    if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
    return `<id ${numbers.get(id)}>`;
  };
  return JSON.parse(JSON.stringify(observed).replace(time, '<time>').replace(uuid, numbered));
}
