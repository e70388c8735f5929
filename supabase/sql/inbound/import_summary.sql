create or replace function private.import_summary(
  p_tally private.import_tally, p_done private.verdict[], p_held boolean
)
returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'created', p_tally.created, 'updated', p_tally.updated + o.applied, 'cancelled', p_tally.cancelled + o.cancelled,
      'failed', p_tally.failed, 'conflicts', p_tally.questions + o.asked + p_held::integer,
      'skipped', greatest(0,
        p_tally.known - p_tally.updated - p_tally.cancelled + p_tally.passed - o.applied - o.cancelled - o.asked))
    from (
      select count(*) filter (where v.kind in ('apply', 'restore', 'end')) as applied,
        count(*) filter (where v.kind = 'cancel') as cancelled, count(*) filter (where v.kind = 'conflict') as asked
      from unnest(p_done) v
    ) o
  );
end
$$;
comment on function private.import_summary(private.import_tally, private.verdict[], boolean) is
  'What a run does in figures: {created, updated, skipped, cancelled, failed, conflicts}.';
