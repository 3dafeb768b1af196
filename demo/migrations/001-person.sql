CREATE TABLE person (
  name text PRIMARY KEY,
  stored_at timestamptz NOT NULL DEFAULT now()
);
