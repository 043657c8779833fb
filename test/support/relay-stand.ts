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

export async function startRelayStand({
  settings,
  ...options
}: TestGatewayOptions = {}): Promise<RelayStand> {
  const [front, receiver] = await Promise.all([startFront(), startReceiver()]);
  const members = { publicUrl: front.url, grpc: grpcSettings };
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
