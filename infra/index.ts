export { A2AGateway } from './a2a-gateway.ts';
export type { Functions } from './functions.ts';
export type { Identity } from './identity.ts';
export type { Network } from './network.ts';
export type {
  A2AGatewayProps,
  Issuer,
  MachineClient,
  SearchProps,
} from './props.ts';
export type { SeedAgent, SeedAuthConfig, SeedPermission } from './seed-props.ts';
export { A2AGatewayStack } from './stack.ts';
