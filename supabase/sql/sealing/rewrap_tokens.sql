create or replace function private.rewrap_tokens(p_scheme text default null) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  place record;
  item record;
  envelope jsonb;
  rewrapped integer := 0;
begin
  -- With another root key nothing here opens: that is one loud answer, not a warning for each token.
  perform private.refuse_foreign_key();
  if p_scheme is not null then
    perform private.use_sealing(p_scheme);
  end if;
  for place in select s.* from private.sealed_columns s order by s.relation, s.envelope loop
    for item in execute format(
      'select t.ctid as place, t.%1$I as envelope, %3$s as organisation, %4$s as integration, %5$s as kind '
      'from %2$s t where t.%1$I is not null for update',
      place.envelope, place.relation::regclass, place.organisation, place.integration, place.kind
    ) loop
      begin
        envelope := private.rewrapped(item.envelope, item.organisation, item.integration, item.kind);
        if envelope is distinct from item.envelope then
          -- A credential's version stays: its tokens are the same.
          execute format('update %s t set %I = $1 where t.ctid = $2', place.relation::regclass, place.envelope)
            using envelope, item.place;
          rewrapped := rewrapped + 1;
        end if;
      exception
        when data_exception then
          raise warning 'Rewrap %.% of organisation %, integration %: %',
            place.relation, place.envelope, item.organisation, item.integration, sqlerrm;
      end;
    end loop;
  end loop;
  return rewrapped;
end
$$;
comment on function private.rewrap_tokens(text) is
  'Seals everything again by the live scheme (by p_scheme, which becomes it). Returns the tokens changed; one that does not '
  'open is left, with a warning. Raises 55000 and changes nothing if the key is not the one that sealed them.';
