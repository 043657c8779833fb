/** Who may have tokens in newcomer mode. None of this exists anywhere else. */

export interface DevClient {
  clientId: string;
  clientSecret: string;
  /** All it may ever be granted, which is also what it gets when it asks for nothing in particular. */
  scopes: readonly string[];
  /** Which side of the gateway its tokens are for: never both. */
  side: 'gateway' | 'agents';
}

/** The public client of the console; its users are the gateway-side clients, by the same names. */
export const consoleClientId = 'console';

export const devClients: readonly DevClient[] = [
  devClient('admin', 'gateway', ['gateway:admin', 'demo']),
  devClient('alice', 'gateway', ['demo']),
  devClient('bob', 'gateway', ['demo']),
  devClient('carol', 'gateway', []),
  devClient('gateway', 'agents', ['invoke']),
];

function devClient(clientId: string, side: DevClient['side'], scopes: readonly string[]): DevClient {
  return { clientId, clientSecret: `${clientId}-secret`, scopes, side };
}
