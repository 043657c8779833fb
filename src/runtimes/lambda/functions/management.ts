import { managementRoutes } from '../../../http/management-routes.ts';
import { createNodeUpstream } from '../../../upstream/node-upstream.ts';
import { assemble } from '../assemble.ts';
import { createBufferedHandler } from '../buffered.ts';
import { started } from '../start.ts';

const assembly = started(() =>
  assemble(process.env, {
    routes: managementRoutes,
    makeUpstream: createNodeUpstream,
    version: process.env.A2A_GATEWAY_VERSION ?? 'unknown',
  }),
);

/** What does not stream: managing agents and permissions, finding them. */
export const handler = createBufferedHandler(assembly);
