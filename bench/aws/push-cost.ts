import { controlDefaults, controlQuantities } from './control-cost.ts';
import type { Quantities } from './cost-model.ts';

/** What one notification takes that an agent posts and a receiver takes at the first attempt. */
export interface NotificationShape {
  /** As the receiver gets it. */
  bodyKb: number;
  /** Of the data plane: to accept it. */
  acceptSeconds: number;
  acceptMemoryMb: number;
  /** Of the function that delivers, the receiver's time included. */
  deliverSeconds: number;
  deliverMemoryMb: number;
  /** Wakes one run of the function takes. */
  batch: number;
}

export const notificationDefaults: NotificationShape = {
  bodyKb: 2,
  acceptSeconds: 0.1,
  acceptMemoryMb: 1_024,
  deliverSeconds: 0.3,
  deliverMemoryMb: 512,
  batch: 1,
};

/** Base64, and the JSON around it. */
const sealedShare = 1.4;
/** Lane and what is due, then both and what was due, then both without it; each written twice, as a transaction is. */
const laneWrites = 2 * (2 + 3 + 2);
/** Whose task it is: what the notification shows of it. */
const ownershipWrites = 1;
/** Webhook and agent, of accepting and of delivering; the lane at each of six steps. */
const smallReads = 2 + 1 + 6;
/** Whether its caller still may is judged when it is accepted and when it is delivered, by two scopes too. */
const control = controlQuantities({ ...controlDefaults, judges: 2, grantees: 1 + 2, uses: 0 });
/** The lines of the request, of the attempt, and of two runs. */
const logBytes = 1_440 + 500 + 2 * 400;

export function notificationQuantities(shape: NotificationShape): Quantities {
  const contentKb = Math.ceil(shape.bodyKb * sealedShare);
  const { acceptSeconds, acceptMemoryMb, deliverSeconds, deliverMemoryMb, batch } = shape;
  return {
    apiGatewayRequest: 1,
    wafRequest: 1,
    lambdaRequest: 1 + 1 / batch,
    lambdaGbSecond:
      (acceptMemoryMb / 1_024) * acceptSeconds + ((deliverMemoryMb / 1_024) * deliverSeconds) / batch,
    dynamoRead: smallReads + Math.ceil(contentKb / 4) + control.dynamoRead,
    // Put, and deleted when it has arrived.
    dynamoWrite: laneWrites + ownershipWrites + 2 * contentKb + control.dynamoWrite,
    // Sent, received, deleted.
    sqsRequest: 1 + 2 / batch,
    logIngestion: logBytes / 1e9,
    logStorage: logBytes / 1e9,
    dataTransferOut: (shape.bodyKb + 1) / 1e6,
  };
}
