create or replace function private.usual_length(p_organisation uuid) returns interval
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select make_interval(mins => g.default_duration_minutes) from public.organisations g where g.id = p_organisation
  );
end
$$;
comment on function private.usual_length(uuid) is
  'How long an appointment without an end lasts in a practice; sync/shared/appointment_time.ts says the same for what '
  'is exported.';
