import { startFront } from './front.ts';
import { startGateway, type TestGateway, type TestGatewayOptions } from './gateway.ts';
import { grpcSettings } from './grpc.ts';
import { type Receiver, startReceiver } from './receiver.ts';

/** A gateway whose public URL agents can post to, and a receiver that it may call. */
export interface RelayStand {
  gateway: TestGateway;
  receiver: Receiver;
  /** The gateway's public URL. */
  publicUrl: string;
  close(): Promise<void>;
}

/** The loopback, as tests may call webhooks there. */
export const loopbackPush = {
  upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8', '::1/128'] },
} as const;

export async function startRelayStand({
  settings,
  ...options
}: TestGatewayOptions = {}): Promise<RelayStand> {
  const [front, receiver] = await Promise.all([startFront(), startReceiver()]);
  const members = { publicUrl: front.url, grpc: grpcSettings, push: loopbackPush };
  const gateway = await startGateway({ ...options, settings: { ...members, ...settings } });
  front.leadTo(gateway.url);
  return {
    gateway,
    receiver,
    publicUrl: front.url,
    async close() {
      await gateway.close();
      await Promise.all([front.close(), receiver.close()]);
    },
  };
}
