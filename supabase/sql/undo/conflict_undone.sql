create or replace function public.conflict_undone(
  p_organisation uuid, p_user uuid, p_id uuid, p_etag text, p_ended boolean
)
returns boolean
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_question public.sync_conflicts := private.lock_question(p_organisation, p_user, p_id);
begin
  if p_etag is not null then
    update public.sync_conflicts k set payload = k.payload || jsonb_build_object('etag', p_etag)
    where k.id = v_question.id and k.status = 'open';
  elsif p_ended then
    update private.link_states s set state = 'detached', updated_at = now()
    from public.appointment_external_links l
    where s.link_id = l.id and s.state = 'deleting' and l.integration_id = v_question.integration_id
      and l.rdv_id = v_question.internal_id;
  else
    -- A worker finds out what is there.
    return v_question.internal_id is not null
      and private.push_again(v_question.integration_id, array[v_question.internal_id], 'change');
  end if;
  return found;
end
$$;
comment on function public.conflict_undone(uuid, uuid, uuid, text, boolean) is
  'Service only: what became of the event of a decision that was taken back. p_etag: the version that it has by now; '
  'p_ended: it is gone; neither: it was not to be written. Gives whether anything was to be noted.';
grant execute on function public.conflict_undone(uuid, uuid, uuid, text, boolean) to service_role;
