import type { FailureCode } from '../../src/failure.ts';
import { ofAccess } from './of-access.ts';
import { ofAgents } from './of-agents.ts';
import { ofGateway } from './of-gateway.ts';
import { ofRegistry, ofWebhooks } from './of-registry.ts';
import { ofRequests } from './of-requests.ts';
import type { Provocations } from './provocation.ts';

/** How every code of `docs/errors.md` is provoked: one that is missing does not compile. */
export const provocations: Provocations<FailureCode> = {
  ...ofRequests,
  ...ofWebhooks,
  ...ofAccess,
  ...ofRegistry,
  ...ofAgents,
  ...ofGateway,
};
