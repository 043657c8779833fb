import { upstreamProxyContract } from './contract/upstream-proxy.ts';
import { nodeUpstream, upstream } from './support/upstream-servers.ts';

upstreamProxyContract('undici', { open: upstream, keepsConnections: true });
upstreamProxyContract("Node's own client", { open: nodeUpstream, keepsConnections: false });
