import { fromKeyText, keyText } from '../key-text.ts';
import { checkPageSize } from '../page.ts';
import { sweptAtOnce } from '../port.ts';
import type {
  AuditPageRequest,
  UsageDelta,
  UsageFilter,
  UsagePage,
  UsageRow,
  UsageStore,
} from '../ports/audit.ts';
import type { SqlDriver } from './driver.ts';

/** Adds to what was used. To be called in the transaction of the segment that tells of it. */
export function addUsage(driver: SqlDriver, delta: UsageDelta): void {
  const { day, issuer, subject, agentId, clientId, expiresAtMs } = delta;
  const { calls, errors, streams, streamMs, requestBytes, responseBytes } = delta;
  driver.run(
    `INSERT INTO usage
       (day, issuer, subject, agent_id, client_id,
        calls, errors, streams, stream_ms, request_bytes, response_bytes, expires_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (day, issuer, subject, agent_id) DO UPDATE SET
       client_id = coalesce(excluded.client_id, client_id),
       calls = calls + excluded.calls,
       errors = errors + excluded.errors,
       streams = streams + excluded.streams,
       stream_ms = stream_ms + excluded.stream_ms,
       request_bytes = request_bytes + excluded.request_bytes,
       response_bytes = response_bytes + excluded.response_bytes,
       expires_at_ms = max(expires_at_ms, excluded.expires_at_ms)`,
    [
      ...[day, keyText(issuer), keyText(subject), keyText(agentId)],
      clientId === undefined ? null : keyText(clientId),
      ...[calls, errors, streams, streamMs, requestBytes, responseBytes, expiresAtMs],
    ],
  );
}

/** What was used in the table `usage`: a row for each day, principal and agent, in the order in which a day's were made. */
export class SqliteUsage implements UsageStore {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async list(filter: UsageFilter, { size, after }: AuditPageRequest): Promise<UsagePage> {
    checkPageSize(size);
    const { sql, parameters } = conditionOf(filter);
    const found = this.#driver.all<Row>(
      `SELECT rowid, * FROM usage WHERE ${sql} AND (day, rowid) > (?, ?)
       ORDER BY day, rowid LIMIT ?`,
      [...parameters, ...fromToken(after), size + 1],
    );
    const shown = found.slice(0, size);
    const last = found.length > size ? shown.at(-1) : undefined;
    return { rows: shown.map(toRow), ...(last && { next: `${last.day}#${last.rowid}` }) };
  }

  async sweep(nowMs: number): Promise<void> {
    this.#driver.run(
      `DELETE FROM usage WHERE rowid IN
         (SELECT rowid FROM usage WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
      [nowMs, sweptAtOnce],
    );
  }
}

interface Row {
  rowid: number;
  day: string;
  issuer: string;
  subject: string;
  agent_id: string;
  client_id: string | null;
  calls: number;
  errors: number;
  streams: number;
  stream_ms: number;
  request_bytes: number;
  response_bytes: number;
}

function conditionOf({ from, to, nowMs, issuer, subject, agentId }: UsageFilter): {
  sql: string;
  parameters: (string | number)[];
} {
  const wanted = Object.entries({ issuer, subject, agent_id: agentId }).flatMap(([column, value]) =>
    value === undefined ? [] : [[column, keyText(value)] as const],
  );
  return {
    sql: ['day >= ? AND day <= ? AND expires_at_ms > ?', ...wanted.map(([column]) => `${column} = ?`)].join(
      ' AND ',
    ),
    parameters: [keyText(from), keyText(to), nowMs, ...wanted.map(([, value]) => value)],
  };
}

/** Day and row that come next after. */
function fromToken(token = ''): [day: string, rowId: number] {
  const [, day = '', rowId = '0'] = /^(\d{4}-\d\d-\d\d)#(\d{1,15})$/.exec(token) ?? [];
  return [day, Number(rowId)];
}

function toRow(row: Row): UsageRow {
  return {
    day: row.day,
    issuer: fromKeyText(row.issuer),
    subject: fromKeyText(row.subject),
    agentId: fromKeyText(row.agent_id),
    ...(row.client_id !== null && { clientId: fromKeyText(row.client_id) }),
    calls: row.calls,
    errors: row.errors,
    streams: row.streams,
    streamMs: row.stream_ms,
    requestBytes: row.request_bytes,
    responseBytes: row.response_bytes,
  };
}
