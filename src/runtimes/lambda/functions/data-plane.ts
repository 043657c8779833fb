import { createUpstream } from '../../../upstream/undici-upstream.ts';
import { assemble } from '../assemble.ts';
import { started } from '../start.ts';
import { createStreamingHandler } from '../stream.ts';

// Made at import, so that a cold start pays for it in its init phase.
const assembly = started(() =>
  assemble(process.env, process.env.A2A_GATEWAY_VERSION ?? 'unknown', createUpstream),
);

/** What speaks to agents. */
export const handler = awslambda.streamifyResponse(createStreamingHandler(assembly));
