/**
 * The migrations to the newest schema, in order. The `user_version` of a store is the number of migrations
 * it has had. A released migration never changes.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE rollout (
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (namespace, name)
  ) STRICT;

  CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    rollout INTEGER NOT NULL REFERENCES rollout (id),
    number INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    started_ms REAL NOT NULL,
    last_hook_ms REAL NOT NULL,
    ended_ms REAL,
    ended_phase TEXT,
    facts TEXT NOT NULL,
    UNIQUE (rollout, number)
  ) STRICT;

  -- failed: the reason with which it failed; a failure stays.
  CREATE TABLE analysis (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run (id),
    digest TEXT NOT NULL,
    notation TEXT NOT NULL,
    source_state TEXT,
    failed TEXT,
    UNIQUE (run, digest)
  ) STRICT;

  CREATE TABLE cell (
    analysis INTEGER NOT NULL,
    counter TEXT NOT NULL,
    variant INTEGER NOT NULL,
    at_ms REAL NOT NULL,
    delayed INTEGER NOT NULL,
    events INTEGER NOT NULL,
    bad INTEGER NOT NULL,
    on_time_events INTEGER NOT NULL,
    on_time_bad INTEGER NOT NULL,
    PRIMARY KEY (analysis, counter, variant, at_ms, delayed)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE latency (
    run INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (run, variant, bucket)
  ) STRICT, WITHOUT ROWID;

  -- n grows in the order of arrival: what is oldest is deleted first.
  CREATE TABLE prediction (
    n INTEGER PRIMARY KEY,
    rollout INTEGER NOT NULL,
    id TEXT NOT NULL,
    time_ms REAL,
    variant INTEGER,
    predicted TEXT,
    label TEXT,
    latency_ms REAL,
    is_error INTEGER NOT NULL,
    request_ms REAL,
    response_ms REAL,
    arrived_ms REAL NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX prediction_id ON prediction (rollout, id);

  CREATE TABLE hook (
    n INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    at_ms REAL NOT NULL,
    type TEXT NOT NULL,
    status INTEGER NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX hook_run ON hook (run, n);

  CREATE TABLE occurrence (
    rollout INTEGER NOT NULL,
    what TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (rollout, what)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- point: what hooks were answered by, in JSON; the last of each slot.
  CREATE TABLE trace (
    analysis INTEGER NOT NULL,
    slot_ms REAL NOT NULL,
    point TEXT NOT NULL,
    PRIMARY KEY (analysis, slot_ms)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- state: what is known of the primary's drift, in JSON.
  CREATE TABLE drift (
    rollout INTEGER PRIMARY KEY,
    state TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- label_ms: when the label arrived; null for labels of earlier versions.
  ALTER TABLE prediction ADD COLUMN label_ms REAL;
  -- recount: 1 if another version counted the labels of an open run, without those that were missing.
  ALTER TABLE analysis ADD COLUMN recount INTEGER NOT NULL DEFAULT 0;
  UPDATE analysis SET recount = 1
    WHERE run IN (SELECT id FROM run WHERE ended_ms IS NULL)
      AND instr(notation, '["source","prometheus"]') = 0
      AND instr(notation, '["source","replay"]') = 0;
  DELETE FROM cell WHERE counter IN ('precision', 'recall', 'accuracy', 'labelled')
    AND analysis IN (SELECT id FROM analysis WHERE recount = 1);
  `,
  `
  -- mirrored: 1 if the other arm has a prediction with the same ID, under a key of its own.
  ALTER TABLE prediction ADD COLUMN mirrored INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- cluster: a digest of the user or session.
  ALTER TABLE prediction ADD COLUMN cluster TEXT;
  -- cluster '': all events with a cluster, also those that do not count.
  CREATE TABLE cluster (
    analysis INTEGER NOT NULL,
    block_ms REAL NOT NULL,
    variant INTEGER NOT NULL,
    cluster TEXT NOT NULL,
    counter TEXT NOT NULL,
    events INTEGER NOT NULL,
    bad INTEGER NOT NULL,
    PRIMARY KEY (analysis, block_ms, variant, cluster, counter)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- measures: scores, in JSON.
  ALTER TABLE prediction ADD COLUMN measures TEXT;
  -- Sums of values are not whole numbers; counts stay as they are.
  ALTER TABLE cell RENAME TO old_cell;
  CREATE TABLE cell (
    analysis INTEGER NOT NULL,
    counter TEXT NOT NULL,
    variant INTEGER NOT NULL,
    at_ms REAL NOT NULL,
    delayed INTEGER NOT NULL,
    events INTEGER NOT NULL,
    bad REAL NOT NULL,
    on_time_events INTEGER NOT NULL,
    on_time_bad REAL NOT NULL,
    PRIMARY KEY (analysis, counter, variant, at_ms, delayed)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO cell SELECT * FROM old_cell;
  DROP TABLE old_cell;
  ALTER TABLE cluster RENAME TO old_cluster;
  CREATE TABLE cluster (
    analysis INTEGER NOT NULL,
    block_ms REAL NOT NULL,
    variant INTEGER NOT NULL,
    cluster TEXT NOT NULL,
    counter TEXT NOT NULL,
    events INTEGER NOT NULL,
    bad REAL NOT NULL,
    PRIMARY KEY (analysis, block_ms, variant, cluster, counter)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO cluster SELECT * FROM old_cluster;
  DROP TABLE old_cluster;
  `,
  `
  -- Predictions with a score in the order in which they are paired; positive: null without a label.
  CREATE TABLE ranked (
    analysis INTEGER NOT NULL,
    block_ms REAL NOT NULL,
    key TEXT NOT NULL,
    score REAL NOT NULL,
    positive INTEGER,
    cluster TEXT,
    PRIMARY KEY (analysis, block_ms, key)
  ) STRICT, WITHOUT ROWID;
  `
]
