create or replace function private.asked_conflicts(
  p_run private.import_runs, p_done private.verdict[], p_overlaps uuid[]
)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  if cardinality(p_done) + cardinality(p_overlaps) = 0 then
    return '[]'::jsonb;
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', k.id, 'reason', k.reason, 'externalId', k.external_id, 'rdvId', k.internal_id)), '[]'::jsonb)
    from public.sync_conflicts k
    where k.integration_id = p_run.integration_id and k.status = 'open'
      and (k.id = any (p_overlaps) or (k.internal_id, k.reason) in (
        select v.rdv_id, v.reason from unnest(p_done) v where v.kind = 'conflict'
      ))
  );
end
$$;
comment on function private.asked_conflicts(private.import_runs, private.verdict[], uuid[]) is
  'What a run has asked: [{id, reason, externalId, rdvId}]. p_overlaps: the questions of ask_overlaps.';
