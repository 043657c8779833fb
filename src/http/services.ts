import type { Anonymous } from '../access/anonymous.ts';
import type { Authenticator } from '../access/authenticate.ts';
import type { Conditions } from '../access/conditions.ts';
import type { CoveredAgents } from '../access/unconditional.ts';
import type { ChangeTrail } from '../audit/audit.ts';
import type { CallTrail } from '../audit/call-trail.ts';
import type { IdentitySigner } from '../backends/identity/identity-signer.ts';
import type { GatewayConfig } from '../config.ts';
import type { FleetHealthReports } from '../health/fleet.ts';
import type { CallerLimiter } from '../limits/caller-limiter.ts';
import type { Ownership } from '../ownership/ownership.ts';
import type { Clock, Log, NewId } from '../ports.ts';
import type { Ending } from '../proxy/ending.ts';
import type { Forward } from '../proxy/forward.ts';
import type { ResumableFeeds } from '../proxy/resumable-feeds.ts';
import type { WakePush } from '../push/push-worker.ts';
import type { PushRelay } from '../push/relay.ts';
import type { Management } from '../registry/later-management.ts';
import type { JudgeGivenCard } from '../registry/trust/judge-card.ts';
import type { Replay } from '../replay/replay.ts';
import type { Revocations } from '../revocations/revocations.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Search } from '../search/search.ts';
import type { CardSigning } from '../signing/card-signing.ts';
import type { Store } from '../store/port.ts';
import type { StreamWatch } from './stream-watch.ts';

/** What the routes work with; made once, in `gateway.ts`. */
export interface Services {
  config: GatewayConfig;
  store: Store;
  management: Management;
  changeTrail: ChangeTrail;
  /** Absent: calls are not recorded. */
  trail?: CallTrail;
  authenticator: Authenticator;
  /** Of permissions. */
  conditions: Conditions;
  /** Of which conditions are asked for lists and searches. */
  coveredAgents: CoveredAgents;
  /** Absent: requests without a token are refused. */
  anonymous?: Anonymous;
  revocations: Revocations;
  streamWatch: StreamWatch;
  forward: Forward;
  limiter: CallerLimiter;
  ownership: Ownership;
  identity: IdentitySigner;
  sealer: Sealer;
  push: PushRelay;
  wakePush: WakePush;
  cardSigning: CardSigning;
  judgeGivenCard: JudgeGivenCard;
  health: FleetHealthReports;
  /** Absent: there is no search. */
  search?: Search;
  /** Absent: a caller who subscribes again gets what the agent then says. */
  replay?: Replay;
  /** Absent: a stream ends with its caller. */
  resumableFeeds?: ResumableFeeds;
  clock: Clock;
  newId: NewId;
  log: Log;
  ending: Ending;
  version: string;
}
