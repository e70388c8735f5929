create or replace function private.import_interval(p_provider text, p_proven boolean) returns interval
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(
      (
        select c.value::interval from private.app_config c
        where c.key = case when p_proven then 'import_interval_proven.' else 'import_interval.' end || p_provider
      ),
      case when p_proven then interval '4 hours' else interval '5 minutes' end
    )
  );
end
$$;
comment on function private.import_interval(text, boolean) is
  'Time between two polls of a followed calendar, before jitter. p_proven: its channel tells what changes.';
