import { AgentCard } from '@a2a-js/sdk';
import {
  JsonRpcTransportFactory,
  type RequestOptions,
  RestTransportFactory,
  TenantTransportDecorator,
  type Transport,
} from '@a2a-js/sdk/client';
import { GrpcTransportFactory } from '@a2a-js/sdk/client/grpc';
import { LegacyJsonRpcTransport, LegacyRestTransport } from '@a2a-js/sdk/compat/v0_3/client';
import { LegacyGrpcTransport } from '@a2a-js/sdk/compat/v0_3/client/grpc';
import { bindingOf, type Protocol, versionOf } from '../../examples/conformance/protocols.ts';

/** Where an agent is called, itself or at the gateway. */
export interface Place {
  rpcUrl: string;
  restUrl: string;
  /** `host:port` */
  grpcTarget: string;
  /** How gRPC tells the agent of a call: by a member of each request, which 0.3 does not have, or by the authority. */
  tenant?: string;
  authority?: string;
  token?: string;
  /** Where agents may send what they push. */
  hookUrl: string;
}

/** The official SDK's client of one protocol. */
export interface SdkClient {
  protocol: Protocol;
  transport: Transport;
  /** Of every call. The bare transports leave the version to their callers. */
  options: RequestOptions;
  hookUrl: string;
}

export async function sdkClient(protocol: Protocol, place: Place): Promise<SdkClient> {
  const { tenant, token, hookUrl } = place;
  const isLatest = versionOf(protocol) === '1.0';
  const transport = isLatest ? await latest(protocol, place) : legacy(protocol, place);
  const serviceParameters = {
    ...(isLatest && { 'A2A-Version': '1.0' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const isNamed = tenant !== undefined && protocol === 'grpc-1.0';
  return {
    protocol,
    transport: isNamed ? new TenantTransportDecorator(transport, tenant) : transport,
    options: { serviceParameters },
    hookUrl,
  };
}

async function latest(protocol: Protocol, place: Place): Promise<Transport> {
  const { rpcUrl, restUrl, grpcTarget, tenant } = place;
  const protocolBinding = bindingOf(protocol);
  const cardAt = (url: string) =>
    AgentCard.fromJSON({ supportedInterfaces: [{ url, protocolBinding, protocolVersion: '1.0' }] });
  switch (protocolBinding) {
    case 'JSONRPC':
      return new JsonRpcTransportFactory().create(rpcUrl, cardAt(rpcUrl));
    case 'HTTP+JSON':
      return new RestTransportFactory().create(restUrl, cardAt(restUrl));
    case 'GRPC':
      return new GrpcTransportFactory(tenant === undefined ? calledBy(place) : {}).create(
        grpcTarget,
        cardAt(grpcTarget),
      );
  }
}

function legacy(protocol: Protocol, place: Place): Transport {
  const { rpcUrl, restUrl, grpcTarget } = place;
  switch (bindingOf(protocol)) {
    case 'JSONRPC':
      return new LegacyJsonRpcTransport({ endpoint: rpcUrl });
    case 'HTTP+JSON':
      return new LegacyRestTransport({ endpoint: restUrl });
    case 'GRPC':
      return new LegacyGrpcTransport({ endpoint: grpcTarget, ...calledBy(place) });
  }
}

function calledBy({ authority }: Place): { grpcCallOptions?: { host: string } } {
  return authority === undefined ? {} : { grpcCallOptions: { host: authority } };
}
