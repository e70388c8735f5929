-- Overlaps: one question for each foreign event that overlaps appointments, and one for all beyond fifty.

create table private.overlap_pairs (
  conflict_id uuid not null references public.sync_conflicts (id) on delete cascade,
  event_id text not null,
  rdv_id uuid not null,
  key text not null,
  primary key (conflict_id, event_id, rdv_id)
);
comment on table private.overlap_pairs is
  'Which appointments and events a question about overlaps is about. key: their times when it was asked; what was '
  'asked about these very times is not asked again, for as long as the question is kept.';
create index overlap_pairs_rdv on private.overlap_pairs (rdv_id, event_id);
alter table private.overlap_pairs enable row level security;
