import { upstreamTlsContract } from './contract/upstream-tls.ts';
import { http2Upstream, nodeUpstream, upstream } from './support/upstream-servers.ts';

upstreamTlsContract('undici', { open: upstream, keepsConnections: true });
upstreamTlsContract('HTTP/2', { open: http2Upstream, keepsConnections: true, http2: true });
upstreamTlsContract("Node's own client", { open: nodeUpstream, keepsConnections: false });
