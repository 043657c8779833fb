import { createNodeUpstream } from '../../../upstream/node-upstream.ts';
import { assemble } from '../assemble.ts';
import { createBufferedHandler } from '../buffered.ts';
import { started } from '../start.ts';

const assembly = started(() =>
  assemble(process.env, process.env.A2A_GATEWAY_VERSION ?? 'unknown', createNodeUpstream),
);

/** What does not stream: managing agents and permissions, finding them. */
export const handler = createBufferedHandler(assembly);
