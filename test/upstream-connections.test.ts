import { upstreamConnectionsContract } from './contract/upstream-connections.ts';
import { http2Upstream, nodeUpstream, upstream } from './support/upstream-servers.ts';

upstreamConnectionsContract('undici', { open: upstream, keepsConnections: true });
upstreamConnectionsContract('HTTP/2', { open: http2Upstream, keepsConnections: true, http2: true });
upstreamConnectionsContract("Node's own client", { open: nodeUpstream, keepsConnections: false });
