create or replace function private.rewrap_tokens(p_scheme text default null) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_column record;
  v_place tid;
  v_old jsonb;
  v_new jsonb;
  v_organisation uuid;
  v_integration uuid;
  v_kind text;
  v_rewrapped integer := 0;
begin
  -- With another root key nothing here opens: that is one loud answer, not a warning for each token.
  perform private.refuse_foreign_key();
  if p_scheme is not null then
    perform private.use_sealing(p_scheme);
  end if;
  for v_column in select s.* from private.sealed_columns s order by s.relation, s.envelope loop
    for v_place, v_old, v_organisation, v_integration, v_kind in execute format(
      'select t.ctid, t.%1$I, %3$s, %4$s, %5$s '
      'from %2$s t where t.%1$I is not null for update',
      v_column.envelope, v_column.relation::regclass, v_column.organisation, v_column.integration, v_column.kind
    ) loop
      begin
        v_new := private.rewrapped(v_old, v_organisation, v_integration, v_kind);
        if v_new is distinct from v_old then
          -- A credential's version stays: its tokens are the same.
          execute format('update %s t set %I = $1 where t.ctid = $2', v_column.relation::regclass, v_column.envelope)
            using v_new, v_place;
          v_rewrapped := v_rewrapped + 1;
        end if;
      exception
        when data_exception then
          raise warning 'Rewrap %.% of organisation %, integration %: %',
            v_column.relation, v_column.envelope, v_organisation, v_integration, sqlerrm;
      end;
    end loop;
  end loop;
  return v_rewrapped;
end
$$;
comment on function private.rewrap_tokens(text) is
  'Seals everything again by the live scheme (by p_scheme, which becomes it). Returns the tokens changed; one that '
  'does not open is left, with a warning. Raises 55000 and changes nothing if the key is not the one that sealed them.';
