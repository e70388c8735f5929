create or replace function private.show_overlaps(p_conflicts uuid[]) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if cardinality(p_conflicts) = 0 then
    return;
  end if;
  update public.sync_conflicts k set
    payload = n.payload,
    internal_id = case when n.payload -> 'count' = '1' then (n.payload #>> '{appointments,0,rdvId}')::uuid end
  from (
    -- Kept apart, for otherwise it is made again at each place that names it.
    select x.id, private.overlap_payload(x) as payload from public.sync_conflicts x where x.id = any (p_conflicts)
    offset 0
  ) n
  where k.id = n.id and k.payload is distinct from n.payload;
end
$$;
comment on function private.show_overlaps(uuid[]) is 'Brings questions about overlaps to the present.';
