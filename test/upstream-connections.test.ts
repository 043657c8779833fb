import { upstreamConnectionsContract } from './contract/upstream-connections.ts';
import { nodeUpstream, upstream } from './support/upstream-servers.ts';

upstreamConnectionsContract('undici', { open: upstream, keepsConnections: true });
upstreamConnectionsContract("Node's own client", { open: nodeUpstream, keepsConnections: false });
