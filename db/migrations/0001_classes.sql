-- Times are server time. Columns marked `erasable` hold what a person wrote or is called.

create table organizations (
  org_id text primary key,
  name text not null,
  created_at timestamptz not null default now()
);
-- Whose classes are that are made on the start page or with the operator's own key.
insert into organizations (org_id, name) values ('org_default', 'Default organization');

create table api_keys (
  key_id text primary key,
  org_id text not null references organizations,
  name text not null,
  -- SHA-256: the key itself is shown once and kept nowhere.
  key_hash bytea not null unique,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create table classrooms (
  class_id text primary key,
  org_id text not null references organizations,
  code text not null unique,
  title text not null,
  phase text not null default 'draft' check (phase in ('draft', 'live', 'ended')),
  seats integer,
  languages text[],
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz
);
create index classrooms_of_org on classrooms (org_id, phase);

create table classroom_participants (
  class_id text not null references classrooms,
  person_id text not null,
  org_id text not null references organizations,
  -- What the school calls them: never in the log, never on the wire.
  external_id text,
  token_version integer not null default 1,
  -- The rest is null until the log has registered them.
  role text check (role in ('teacher', 'assistant', 'student')),
  name text,
  language text,
  tier text check (tier in ('seat', 'overflow', 'waiting')),
  -- First coming and last going; left_at is null while they are there.
  joined_at timestamptz,
  left_at timestamptz,
  primary key (class_id, person_id),
  unique (class_id, external_id)
);
create index participants_by_role on classroom_participants (class_id, role);
comment on column classroom_participants.name is 'erasable';
comment on column classroom_participants.external_id is 'erasable';

-- Attendance: one row for every uninterrupted time in one place.
create table classroom_stays (
  class_id text not null references classrooms,
  person_id text not null,
  org_id text not null references organizations,
  place text not null check (place in ('seat', 'overflow', 'waiting', 'stage')),
  joined_at timestamptz not null,
  left_at timestamptz,
  -- The fact that began it.
  epoch integer not null,
  seq bigint not null,
  primary key (class_id, person_id, epoch, seq, place)
);
create index open_stays on classroom_stays (class_id, person_id) where left_at is null;

create table classroom_requests (
  class_id text not null references classrooms,
  request_id text not null,
  org_id text not null references organizations,
  person_id text not null,
  kind text not null check (kind in ('voice', 'text')),
  status text not null check (status in ('pending', 'approved', 'declined', 'answered', 'withdrawn')),
  published boolean not null,
  anonymous boolean not null,
  text text,
  language text,
  votes integer not null,
  merged_into text,
  created_at timestamptz not null,
  primary key (class_id, request_id)
);
create index requests_by_status on classroom_requests (class_id, status);
create index requests_of_person on classroom_requests (person_id, created_at);
comment on column classroom_requests.text is 'erasable';

-- The log itself. Facts hold free text and, in person.registered, a name: erasable in `fact`.
create table class_facts (
  class_id text not null,
  epoch integer not null,
  seq bigint not null,
  org_id text not null references organizations,
  type text not null,
  at timestamptz not null,
  fact jsonb not null,
  primary key (class_id, epoch, seq)
);
comment on column class_facts.fact is 'erasable';

-- Up to where a class is archived: moved in the transaction that writes the facts, so each is written once.
create table class_positions (
  class_id text primary key,
  org_id text not null references organizations,
  epoch integer not null,
  seq bigint not null,
  nonce text not null
);

create table class_checkpoints (
  class_id text not null,
  epoch integer not null,
  seq bigint not null,
  org_id text not null references organizations,
  nonce text not null,
  -- Of the state's shape.
  version integer not null,
  state json not null,
  -- Where the epoch that this checkpoint begins left the history before it.
  continues_epoch integer,
  continues_seq bigint,
  created_at timestamptz not null default now(),
  primary key (class_id, epoch, seq)
);
comment on column class_checkpoints.state is 'erasable';
