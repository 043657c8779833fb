import {
  type ConformanceAgent,
  type ConformanceAgentOptions,
  startConformanceAgent,
} from '../../examples/conformance/agent.ts';
import type { Protocol } from '../../examples/conformance/protocols.ts';

/** What kinds of agents there are of each protocol: what they declare decides what they refuse. */
const variants = {
  full: {},
  /** Declares no capability. */
  bare: { streaming: false, pushNotifications: false, extendedCard: 'none' },
  /** Knows an extension that its callers must know too, and declares an extended card that it has not. */
  strict: { requireExtension: true, extendedCard: 'declared' },
} as const satisfies Readonly<Record<string, ConformanceAgentOptions>>;

export type Variant = keyof typeof variants;
export const variantNames = Object.keys(variants) as readonly Variant[];

/** What the agents call a while: long enough for a caller to subscribe to a task at work. */
const paceMs = 50;

/** The agents of one protocol, one of each kind, which speak that protocol alone. */
export type Agents = Readonly<Record<Variant, ConformanceAgent>>;

export async function startAgents(protocol: Protocol): Promise<Agents> {
  const started = variantNames.map(async (name) => {
    const options = { protocols: [protocol], paceMs, ...variants[name] };
    return [name, await startConformanceAgent(options)] as const;
  });
  return Object.fromEntries(await Promise.all(started)) as Record<Variant, ConformanceAgent>; // One of each name.
}

export async function closeAgents(agents: Agents): Promise<void> {
  await Promise.all(Object.values(agents).map((agent) => agent.close()));
}
