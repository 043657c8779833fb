import { json } from '../respond.ts';
import type { Route } from '../route.ts';

/** The API's own description. */
export const documentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/openapi.json',
    access: 'anyone',
    summary: 'This document',
    answers: [200],
    async handle(call, { config, version }) {
      // Few ask, and it is of every route, also of those this process does not serve.
      const [{ openApiDocument }, { routes }] = await Promise.all([
        import('../openapi.ts'),
        import('../routes.ts'),
      ]);
      return json(call, openApiDocument(routes, config, version));
    },
  },
];
