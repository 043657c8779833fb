/** One step of the schema. A step that was released is never changed; the next one changes the schema. */
export interface Migration {
  /** 1, 2, 3, … */
  number: number;
  name: string;
  sql: string;
}

export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'agents, permissions, secrets',
    sql: `
      CREATE TABLE agents (
        agent_id TEXT NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL,
        status TEXT NOT NULL,
        owner_issuer TEXT NOT NULL,
        owner_subject TEXT NOT NULL,
        document TEXT NOT NULL
      ) STRICT;
      CREATE INDEX agents_by_status ON agents (status, agent_id);
      CREATE INDEX agents_by_owner ON agents (owner_issuer, owner_subject, agent_id, status);

      CREATE TABLE agent_tags (
        tag TEXT NOT NULL,
        agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
        PRIMARY KEY (tag, agent_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX agent_tags_by_agent ON agent_tags (agent_id);

      CREATE TABLE permissions (
        scope TEXT NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL,
        document TEXT NOT NULL
      ) STRICT;

      CREATE TABLE secrets (
        name TEXT NOT NULL PRIMARY KEY,
        key_id TEXT NOT NULL,
        nonce BLOB NOT NULL,
        sealed BLOB NOT NULL,
        created_at_ms INTEGER NOT NULL
      ) STRICT;`,
  },
  {
    number: 2,
    name: 'changes of agents',
    sql: `
      CREATE TABLE agent_change_log (
        store_id TEXT NOT NULL,
        last_sequence INTEGER NOT NULL,
        forgotten_sequence INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE agent_changes (
        sequence INTEGER NOT NULL PRIMARY KEY,
        agent_id TEXT NOT NULL UNIQUE
      ) STRICT;
      INSERT INTO agent_changes (sequence, agent_id)
        SELECT row_number() OVER (ORDER BY agent_id), agent_id FROM agents;
      INSERT INTO agent_change_log (store_id, last_sequence, forgotten_sequence)
        SELECT lower(hex(randomblob(16))), count(*), 0 FROM agents;
      ${changeTrigger('INSERT', 'new')}
      ${changeTrigger('UPDATE', 'new')}
      ${changeTrigger('DELETE', 'old')}`,
  },
  {
    number: 3,
    name: 'places of conversations',
    sql: `
      CREATE TABLE affinities (
        key TEXT NOT NULL PRIMARY KEY,
        place TEXT NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX affinities_by_expiry ON affinities (expires_at_ms);`,
  },
  {
    number: 4,
    name: 'health of agents',
    sql: `
      CREATE TABLE health (
        agent_id TEXT NOT NULL,
        process_id TEXT NOT NULL,
        report TEXT NOT NULL,
        seen_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        PRIMARY KEY (agent_id, process_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX health_by_expiry ON health (expires_at_ms);`,
  },
  {
    number: 5,
    name: 'owners of tasks and contexts',
    sql: `
      CREATE TABLE owned (
        agent_key TEXT NOT NULL,
        owner_key TEXT NOT NULL,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        context_id TEXT,
        state TEXT,
        status_at_ms INTEGER,
        is_forgotten INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        PRIMARY KEY (agent_key, owner_key, kind, id)
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX owned_once ON owned (agent_key, kind, id);
      CREATE INDEX owned_tasks_by_status
        ON owned (agent_key, owner_key, status_at_ms DESC, id, context_id, state, expires_at_ms)
        WHERE kind = 'task' AND is_forgotten = 0;
      CREATE INDEX owned_tasks_by_expiry ON owned (agent_key, owner_key, expires_at_ms)
        WHERE kind = 'task' AND is_forgotten = 0;
      CREATE INDEX owned_by_expiry ON owned (expires_at_ms);`,
  },
  {
    number: 6,
    name: 'webhooks and what is on its way to them',
    sql: `
      CREATE TABLE push_configs (
        push_id TEXT NOT NULL PRIMARY KEY,
        agent_id TEXT NOT NULL,
        agent_key TEXT NOT NULL,
        owner_key TEXT NOT NULL,
        task_id TEXT,
        config_id TEXT NOT NULL,
        version TEXT NOT NULL,
        secret_hash TEXT NOT NULL,
        sealed TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX push_configs_by_task ON push_configs (agent_key, owner_key, task_id, config_id);
      CREATE INDEX push_configs_by_expiry ON push_configs (expires_at_ms);

      CREATE TABLE push_lanes (
        push_id TEXT NOT NULL PRIMARY KEY REFERENCES push_configs (push_id) ON DELETE CASCADE,
        due_at_ms INTEGER NOT NULL,
        lease_id TEXT,
        lease_until_ms INTEGER NOT NULL DEFAULT 0
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX push_lanes_by_due ON push_lanes (due_at_ms);

      CREATE TABLE push_deliveries (
        sequence INTEGER NOT NULL PRIMARY KEY,
        delivery_id TEXT NOT NULL UNIQUE,
        push_id TEXT NOT NULL REFERENCES push_configs (push_id) ON DELETE CASCADE,
        agent_id TEXT NOT NULL,
        sealed_body TEXT NOT NULL,
        accepted_at_ms INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        due_at_ms INTEGER NOT NULL,
        problem TEXT
      ) STRICT;
      CREATE INDEX push_deliveries_by_lane ON push_deliveries (push_id, sequence);

      CREATE TABLE push_dead_letters (
        delivery_id TEXT NOT NULL PRIMARY KEY,
        place TEXT NOT NULL UNIQUE,
        push_id TEXT NOT NULL,
        agent_id TEXT NOT NULL,
        sealed_body TEXT NOT NULL,
        accepted_at_ms INTEGER NOT NULL,
        died_at_ms INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        problem TEXT NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX push_dead_letters_by_agent ON push_dead_letters (agent_id, place);
      CREATE INDEX push_dead_letters_by_expiry ON push_dead_letters (expires_at_ms);`,
  },
  {
    number: 7,
    name: 'versions of cards',
    // The pieces of a document are taken as they stand in it: what SQL read as text it might write otherwise.
    sql: `
      CREATE TABLE card_versions (
        agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        summary TEXT NOT NULL,
        card TEXT NOT NULL,
        PRIMARY KEY (agent_id, version)
      ) STRICT;
      INSERT INTO card_versions (agent_id, version, summary, card)
        SELECT agent_id, 1,
          '{"agentId":' || (document -> '$.agentId') || ',"version":1' ||
          ',"cardWarnings":' || (document -> '$.cardWarnings') ||
          ',"cardFetchedAtMs":' || (document -> '$.cardFetchedAtMs') ||
          ',"acceptedAtMs":' || (document -> '$.cardFetchedAtMs') || '}',
          document -> '$.card'
        FROM agents;`,
  },
  {
    number: 8,
    name: 'revocations',
    sql: `
      CREATE TABLE revocations (
        revocation_id TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        issuer TEXT NOT NULL,
        id TEXT NOT NULL,
        document TEXT NOT NULL,
        expires_at_ms INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX revocations_by_target ON revocations (kind, issuer, id, revocation_id);
      CREATE INDEX revocations_by_expiry ON revocations (expires_at_ms);

      CREATE TABLE revocation_state (version TEXT NOT NULL) STRICT;
      INSERT INTO revocation_state (version) VALUES (lower(hex(randomblob(16))));
      ${revocationTrigger('INSERT')}
      ${revocationTrigger('DELETE')}`,
  },
  {
    number: 9,
    name: 'limits of callers',
    sql: `
      CREATE TABLE counters (
        key TEXT NOT NULL PRIMARY KEY,
        record TEXT NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX counters_by_expiry ON counters (expires_at_ms);`,
  },
  {
    number: 10,
    name: 'trail and use',
    sql: `
      CREATE TABLE audit_segments (
        chain_id TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        records TEXT NOT NULL,
        previous_seal TEXT NOT NULL,
        previous_at_ms INTEGER NOT NULL,
        previous_expires_at_ms INTEGER NOT NULL,
        seal TEXT NOT NULL,
        PRIMARY KEY (chain_id, sequence)
      ) STRICT;
      CREATE INDEX audit_segments_by_time ON audit_segments (at_ms, chain_id, sequence);
      CREATE INDEX audit_segments_by_expiry ON audit_segments (expires_at_ms);

      CREATE TABLE audit_heads (
        chain_id TEXT NOT NULL PRIMARY KEY,
        sequence INTEGER NOT NULL,
        seal TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX audit_heads_by_expiry ON audit_heads (expires_at_ms);

      CREATE TABLE usage (
        day TEXT NOT NULL,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        agent_id TEXT NOT NULL,
        client_id TEXT,
        calls INTEGER NOT NULL,
        errors INTEGER NOT NULL,
        streams INTEGER NOT NULL,
        stream_ms INTEGER NOT NULL,
        request_bytes INTEGER NOT NULL,
        response_bytes INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        PRIMARY KEY (day, issuer, subject, agent_id)
      ) STRICT;
      CREATE INDEX usage_by_day ON usage (day);
      CREATE INDEX usage_by_expiry ON usage (expires_at_ms);`,
  },
];

/** Random rather than counted: a file that was replaced by an older copy never has a version that somebody knows. */
function revocationTrigger(change: 'INSERT' | 'DELETE'): string {
  return `
      CREATE TRIGGER note_revocation_${change.toLowerCase()} AFTER ${change} ON revocations BEGIN
        UPDATE revocation_state SET version = lower(hex(randomblob(16)));
      END;`;
}

/**
 * Notes the agent of a changed row, in the transaction that changes it and whoever changes it. An agent stands in the
 * log once, at its last change. Numbers grow by random steps: one of a copy that was replaced by an older one is then a
 * number this file has never given, however far it has counted since.
 */
function changeTrigger(change: 'INSERT' | 'UPDATE' | 'DELETE', row: 'new' | 'old'): string {
  return `
      CREATE TRIGGER note_agent_${change.toLowerCase()} AFTER ${change} ON agents BEGIN
        UPDATE agent_change_log SET last_sequence = last_sequence + 1 + (random() & 1048575);
        DELETE FROM agent_changes WHERE agent_id = ${row}.agent_id;
        INSERT INTO agent_changes (sequence, agent_id)
          SELECT last_sequence, ${row}.agent_id FROM agent_change_log;
      END;`;
}
