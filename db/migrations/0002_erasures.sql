-- Who is to be erased, until it is done: a crash in the middle is made good later. No names here, and no row stays.
create table erasures (
  class_id text not null references classrooms,
  person_id text not null,
  org_id text not null references organizations,
  asked_at timestamptz not null default now(),
  primary key (class_id, person_id)
);

-- True: the class is over and all of it is here, so that Redis may forget it.
alter table class_positions add column settled boolean not null default false;
