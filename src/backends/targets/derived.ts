import type { MemberProblem } from '../credential.ts';
import type { GivenAddresses, Location } from '../target.ts';

/** What is wrong with addresses given beside a kind that derives its own. The card's may be the one derived before. */
export function derivedOnly({ backendUrl }: GivenAddresses): MemberProblem | undefined {
  return backendUrl === undefined ? undefined : { member: 'backendUrl', problem: 'excluded by this backend' };
}

/** An agent at one origin, its card at a path of it. */
export function onlyOrigin(origin: string, cardPath: string): Location {
  return { agentCardUrl: origin + cardPath, origins: [{ origin, weight: 1 }] };
}
