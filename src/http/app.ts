import { adminScope, hasScope, type Principal, registerScope } from '../access/principal.ts';
import { factsOf, GatewayError, unwrap } from '../failure.ts';
import type { Log } from '../ports.ts';
import { parseBody } from './body.ts';
import { createCors } from './cors.ts';
import { countDiscovery } from './metering.ts';
import { canonicalTarget } from './path.ts';
import { principalOf } from './principal.ts';
import { restRefusal, toGatewayError } from './respond.ts';
import type { Call, RequestContext, Route } from './route.ts';
import { createRouter } from './router.ts';
import type { Services } from './services.ts';
import { isRecorded, recordCall } from './trail.ts';

/**
 * The HTTP surface of some routes: a request in, a response out, never a throw. Who may use a route stands in its row and
 * is enforced here, before its handler runs.
 */
export function createApp(
  routes: readonly Route[],
  services: Services,
): (request: Request, context?: RequestContext) => Promise<Response> {
  const match = createRouter(routes, services.config.agentsPath);

  const crossOrigin = createCors(services.config.cors);

  return async (request, context = {}) => {
    const call: Call = { request, requestId: services.newId(), query: '', params: {}, note: {}, ...context };
    const startedAtMs = services.clock.nowMs();
    const response = await crossOrigin(request, () =>
      answer(call).catch((thrown: unknown) => restRefusal(call, toGatewayError(thrown), services)),
    );
    const durationMs = services.clock.nowMs() - startedAtMs;
    logCall(call, response.status, durationMs, services.log);
    recordCall(call, { status: response.status, durationMs }, services);
    return response;
  };

  async function answer(call: Call): Promise<Response> {
    const { method, url } = call.request;
    const { path, query } = unwrap(canonicalTarget(targetOf(url)));
    const { route, params } = unwrap(match(method === 'HEAD' ? 'GET' : method, path));
    call.query = query;
    call.params = params;
    if (isRecorded(route)) call.note.route = route;
    const response = await runRoute(route, call, services);
    return method === 'HEAD' ? new Response(null, response) : response;
  }
}

/** One line a call: who, what, how it ended. Paths and queries stay out, because they may hold ids of tasks. */
function logCall(
  { requestId, request, params, note }: Call,
  status: number,
  durationMs: number,
  log: Log,
): void {
  const { principal, operation, agentId = params.agentId, error, meter } = note;
  log.write(error === undefined ? 'info' : factsOf(error.failure.code).logLevel, 'request', {
    requestId,
    method: request.method,
    agentId,
    operation,
    issuer: principal?.issuer,
    subject: principal?.subject,
    status,
    durationMs,
    ...meter,
    ...(error !== undefined && { failure: error.failure, cause: error.cause }),
  });
}

/** The request target as far as a Request still has it: all that follows the authority. */
function targetOf(url: string): string {
  const from = url.indexOf('/', url.indexOf('//') + 2);
  const to = url.indexOf('#', from);
  return to === -1 ? url.slice(from) : url.slice(from, to);
}

async function runRoute(route: Route, call: Call, services: Services): Promise<Response> {
  if (route.access === 'anyone' || route.access === 'own') return route.handle(call, services);
  const principal = await principalOf(call, services);
  requireAccess(principal, route.access);
  call.note.isLetThrough = true;
  if (route.isDiscovery) await countDiscovery(call, principal, services);
  const body =
    route.body === undefined ? undefined : await parseBody(call, route.body, services.config.limits);
  return route.handle({ ...call, principal, body }, services);
}

function requireAccess(principal: Principal, access: 'principal' | 'manager' | 'admin'): void {
  if (access === 'principal' || hasScope(principal, adminScope)) return;
  if (access === 'manager' && hasScope(principal, registerScope)) return;
  throw new GatewayError({ code: 'scope_missing', scope: access === 'manager' ? registerScope : adminScope });
}
