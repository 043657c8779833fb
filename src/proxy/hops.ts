import { GatewayError } from '../failure.ts';
import { oncePerKey } from '../once-per-key.ts';
import { sha256Hex } from '../protocol/bytes.ts';
import type { Agent } from '../registry/agent.ts';

/**
 * The record of the agents a call has passed on its way here: a member of the W3C header `tracestate`, which agents hand on
 * with the calls they make. Each agent is a short digest, the first one first, whichever gateway it is behind.
 *
 * Nothing is proved by it. Who forges or drops their record spoils or loses nothing but the protection of their own calls,
 * and an agent that does not hand on its trace context is not seen.
 */
const member = 'a2a-gateway';
const hopChars = 8;
const record = new RegExp(`^[0-9a-f]{${hopChars}}(?:\\.[0-9a-f]{${hopChars}})*$`);
/** W3C Trace Context §3.3.1.3.2: what a member's value may have. */
const maxRecordChars = 256;
/** §3.3.1.1. */
const maxMembers = 32;
/** §3.3.1.5: what everybody hands on. Some drop a longer one whole (OpenTelemetry for JavaScript), and the record with it. */
const maxTracestateChars = 512;

export interface LoopLimits {
  /** Agents one call may have passed, this one included. */
  maxHops: number;
  /** How often one of them may be among these. */
  maxRepeats: number;
}

type Headers = Readonly<Record<string, string>>;

/** Notes in a call's headers that it goes to an agent now. @throws GatewayError `call_loop` */
export type NoteHop = (agent: Pick<Agent, 'agentId'>, headers: Headers) => Promise<Headers>;

/** @param publicUrl tells the agents of one gateway from those of another */
export function createNoteHop({
  publicUrl,
  maxHops,
  maxRepeats,
}: LoopLimits & { publicUrl: string }): NoteHop {
  const hops = oncePerKey<string>(10_000);
  return async ({ agentId }, headers) => {
    const hop = await hops(agentId, async () =>
      (await sha256Hex(`${publicUrl}\n${agentId}`)).slice(0, hopChars),
    );
    const { passed, others } = readTracestate(headers.tracestate ?? '');
    if (passed.length >= maxHops) throw loop('hops', maxHops);
    if (passed.filter((each) => each === hop).length >= maxRepeats) throw loop('repeats', maxRepeats);
    const own = `${member}=${[...passed, hop].join('.')}`;
    return { ...headers, tracestate: others.length === 0 ? own : fitting([own, ...others]).join(',') };
  };
}

/** As many as may be sent, the first ones first: the last were changed longest ago. */
function fitting(members: readonly string[]): readonly string[] {
  let chars = -1;
  const behind = members.slice(0, maxMembers).findIndex((each) => {
    chars += 1 + each.length;
    return chars > maxTracestateChars;
  });
  return members.slice(0, behind === -1 ? maxMembers : behind);
}

function loop(rule: 'hops' | 'repeats', limit: number): GatewayError {
  return new GatewayError({ code: 'call_loop', rule, limit });
}

const nothingPassed = { passed: [], others: [] };

/** A record that is none, and every other but the first, are dropped. The members of others are as they came. */
function readTracestate(tracestate: string): { passed: readonly string[]; others: readonly string[] } {
  if (tracestate === '') return nothingPassed;
  const members = tracestate.split(',').map((each) => each.trim());
  const isOwn = (each: string) => each.startsWith(`${member}=`);
  const value = members.find(isOwn)?.slice(member.length + 1) ?? '';
  const isRecord = value.length <= maxRecordChars && record.test(value);
  return {
    passed: isRecord ? value.split('.') : [],
    others: members.filter((each) => each !== '' && !isOwn(each)),
  };
}
