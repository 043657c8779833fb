import type { JsonObject } from '../bridge/core-call.ts';
import { formOf } from '../bridge/forms.ts';
import { GatewayError, unwrap } from '../failure.ts';
import { idsOfResult } from '../protocol/call-ids.ts';
import { parseExact, stringifyExact } from '../protocol/exact-json.ts';
import { type Guard, guardOf, inspect, isRecord, parseJson } from '../protocol/json.ts';
import { isTerminalState } from '../protocol/task-state.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { PushBody } from './sealed.ts';

/** What an agent has posted to a webhook (A2A §4.3.3). */
export interface Posted {
  /** In which the agent wrote it. */
  version: ServedVersion;
  text: string;
  /** As parsed; numbers here may have lost digits. */
  value: JsonObject;
  taskId: string;
}

const payloads = ['task', 'message', 'statusUpdate', 'artifactUpdate'] as const;

/** What is decided on, in a StreamResponse of 1.0: may be spelled this way only, and once. */
const guard = guardOf(
  payloads.flatMap((name) => [`${name}.contextId`, `${name}.${name === 'task' ? 'id' : 'taskId'}`]),
);

/** The same in 0.3, which posts a bare object that says its `kind`. */
const legacyKinds: ReadonlySet<unknown> = new Set(['task', 'message', 'status-update', 'artifact-update']);
const legacyGuard = guardOf(['kind', 'id', 'taskId', 'contextId']);

/**
 * Reads what an agent posts: a StreamResponse of 1.0, or an object of 0.3, told apart by their shape. Judged no further
 * than to know which task it is about.
 *
 * @throws GatewayError `body_malformed`, `member_refused`, `notification_refused` problem `payload`
 */
export function parsePosted(text: string): Posted {
  const { value } = unwrap(parseJson(text));
  if (!isRecord(value)) throw refusedFor('payload');
  const version = legacyKinds.has(value.kind) ? '0.3' : '1.0';
  unwrap(inspect(text, version === '0.3' ? legacyGuard : guardFor(value)));
  const { taskId } = idsOfResult(value);
  if (taskId === undefined) throw refusedFor('payload');
  return { version, text, value, taskId };
}

/** Exactly one of the payloads, an object. */
function guardFor(value: JsonObject): Guard {
  const given = payloads.filter((name) => (value[name] ?? null) !== null);
  if (given.length !== 1 || !given.every((name) => isRecord(value[name]))) throw refusedFor('payload');
  return guard;
}

/**
 * What was posted as a receiver gets it: in the version in which its webhook was set, for whoever set it may read no other
 * (A2A §4.3.3); letter for letter where the agent wrote that one.
 *
 * @throws GatewayError `notification_refused` problem `payload` for what cannot be told in that version
 */
export async function bodyIn(version: ServedVersion, posted: Posted): Promise<PushBody> {
  const contentType = version === '0.3' ? 'application/json' : 'application/a2a+json';
  if (posted.version === version) return { contentType, body: posted.text };
  return { contentType, body: stringifyExact(await translated(version, posted.text)) };
}

async function translated(version: ServedVersion, text: string): Promise<JsonObject> {
  // What is posted is JSON of either version's JSON-RPC, whatever binding the agent is called in.
  const legacy = await formOf('0.3', 'JSONRPC');
  const value = parseExact(text);
  try {
    if (version === '1.0') return legacy.toCoreEvent(value);
    if (!isRecord(value)) throw refusedFor('payload');
    return legacy.fromCoreEvent(value, isLast(value));
  } catch (cause) {
    throw new GatewayError({ code: 'notification_refused', problem: 'payload' }, { cause });
  }
}

/** Whether 0.3 has its update marked `final`. */
function isLast({ statusUpdate }: JsonObject): boolean {
  const status = isRecord(statusUpdate) ? statusUpdate.status : undefined;
  return isRecord(status) && isTerminalState(status.state);
}

function refusedFor(problem: 'payload'): GatewayError {
  return new GatewayError({ code: 'notification_refused', problem });
}
