import type { Route } from './route.ts';
import { cardRoutes } from './routes/card.ts';
import { pushRoutes } from './routes/push.ts';
import { restRoutes } from './routes/rest.ts';
import { rpcRoutes } from './routes/rpc.ts';

/** The agents' own traffic: their cards, calls to them, and what they post. Each handler authenticates by itself. */
export const callRoutes: readonly Route[] = [...cardRoutes, ...pushRoutes, ...rpcRoutes, ...restRoutes];
