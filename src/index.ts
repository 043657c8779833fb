/** The package's edge: what one needs to put the gateway into a runtime of one's own. */
export { type GatewayConfig, parseSettings, type Settings } from './config.ts';
export { type Failure, type FailureCode, GatewayError } from './failure.ts';
export { createGateway, type GatewayDeps } from './gateway.ts';
export { callRoutes } from './http/call-routes.ts';
export { managementRoutes } from './http/management-routes.ts';
export { canonicalTarget } from './http/path.ts';
export { routes } from './http/routes.ts';
export type * from './ports.ts';
export type * from './store/port.ts';
