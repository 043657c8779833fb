import { callRoutes } from '../../../http/call-routes.ts';
import { createUpstream } from '../../../upstream/undici-upstream.ts';
import { assemble } from '../assemble.ts';
import { started } from '../start.ts';
import { createStreamingHandler } from '../stream.ts';

// Made at import, so that a cold start pays for it in its init phase.
const assembly = started(() =>
  assemble(process.env, {
    routes: callRoutes,
    makeUpstream: createUpstream,
    version: process.env.A2A_GATEWAY_VERSION ?? 'unknown',
  }),
);

/** What speaks to agents. */
export const handler = awslambda.streamifyResponse(createStreamingHandler(assembly));
