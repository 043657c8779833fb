import { upstreamProxyContract } from './contract/upstream-proxy.ts';
import { http2Upstream, nodeUpstream, upstream } from './support/upstream-servers.ts';

upstreamProxyContract('undici', { open: upstream, keepsConnections: true });
upstreamProxyContract('HTTP/2', { open: http2Upstream, keepsConnections: true, http2: true });
upstreamProxyContract("Node's own client", { open: nodeUpstream, keepsConnections: false });
