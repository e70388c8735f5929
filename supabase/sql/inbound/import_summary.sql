create or replace function private.import_summary(tally private.import_tally, p_done private.verdict[], p_held boolean)
returns jsonb
language sql immutable set search_path = ''
as $$
  select case
    when p_held then jsonb_build_object(
      'created', 0, 'updated', 0, 'cancelled', 0, 'failed', 0, 'conflicts', 1, 'skipped', tally.known)
    else jsonb_build_object(
      'created', tally.created, 'updated', tally.updated + o.applied, 'cancelled', tally.cancelled + o.cancelled,
      'failed', tally.failed, 'conflicts', tally.questions + o.asked,
      'skipped', greatest(0, tally.known - tally.updated - tally.cancelled + tally.passed - o.applied - o.cancelled - o.asked))
  end
  from (
    select count(*) filter (where v.kind = 'apply') as applied, count(*) filter (where v.kind = 'cancel') as cancelled,
      count(*) filter (where v.kind = 'conflict') as asked
    from unnest(p_done) v
  ) o;
$$;
comment on function private.import_summary(private.import_tally, private.verdict[], boolean) is
  'What a run does in figures: {created, updated, skipped, cancelled, failed, conflicts}.';
