create or replace function private.settle_project(
  p_provider text, p_organisation uuid, p_used numeric, p_reserved numeric
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_part private.project_budgets;
  v_paid_in interval;
begin
  -- Nothing here waits: where claims hold all parts, this little is neither given back nor taken.
  select * into v_part from private.project_budgets b where b.provider = p_provider limit 1 for update skip locked;
  if not found then
    return;
  end if;
  perform private.spend_project(v_part, p_used - p_reserved);
  if p_used > 0 then
    -- A practice's share: a twentieth of what the project gets back, a tenth of what one of its two parts does.
    v_paid_in := make_interval(secs => p_used / (v_part.rate / 10));
    insert into private.practice_shares as s (provider, organisation_id, paid_until)
    values (p_provider, p_organisation, v_now + v_paid_in)
    on conflict (provider, organisation_id) do update set paid_until = greatest(s.paid_until, v_now) + v_paid_in;
  end if;
end
$$;
comment on function private.settle_project(text, uuid, numeric, numeric) is
  'Writes what a practice has used of the project''s quota: what it was given before (p_reserved) and did not use goes '
  'back, what it used beyond is taken.';
