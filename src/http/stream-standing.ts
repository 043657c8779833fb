import { sendsMessage } from '../access/authorize.ts';
import { type AskedFor, permitAgain } from './admission.ts';
import type { CallersStream } from './answer.ts';
import type { Services } from './services.ts';
import type { Standing } from './stream-watch.ts';

/**
 * By what a stream is permitted. Those of one principal, agent, operation and skill are judged as one. Of the call no more
 * is kept than what is judged: a stream may last for days, and its message may be large.
 */
export function standingOf(
  {
    admission,
    operation: { permission },
    skillId,
  }: Pick<CallersStream, 'admission' | 'operation' | 'skillId'>,
  services: Services,
): Standing {
  const { principal, agent } = admission;
  const { agentId, createdAtMs } = agent;
  const skill = sendsMessage(permission) ? readable(skillId) : undefined;
  return {
    key: JSON.stringify([principal, agentId, createdAtMs, permission, skill]),
    judge: () =>
      permitAgain({ principal, agent }, { operation: { permission }, skillId: () => skill }, services),
  };
}

/** One that readers would read differently passed because none was asked for; it counts for none from then on. */
function readable(skillId: AskedFor['skillId']): string | undefined {
  try {
    return skillId();
  } catch {
    return undefined;
  }
}
