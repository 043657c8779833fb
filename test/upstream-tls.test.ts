import { upstreamTlsContract } from './contract/upstream-tls.ts';
import { nodeUpstream, upstream } from './support/upstream-servers.ts';

upstreamTlsContract('undici', { open: upstream, keepsConnections: true });
upstreamTlsContract("Node's own client", { open: nodeUpstream, keepsConnections: false });
