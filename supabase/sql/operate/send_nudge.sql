create or replace function private.send_nudge(p_provider text, p_function text) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_nobody constant uuid := '00000000-0000-0000-0000-000000000000'::uuid;
  v_body constant text := '{}';
  v_url text;
  v_sealed jsonb;
  v_id text;
  v_timestamp text;
  v_signature text;
begin
  if private.paused(null, p_provider) is not null then
    return null;
  end if;
  select c.value into v_url from private.app_config c where c.key = 'functions_url';
  select c.sealed into v_sealed from private.app_config c where c.key = 'nudge_secret';
  if v_url is null or v_sealed is null then
    return null;
  end if;
  v_id := 'msg_' || replace(gen_random_uuid()::text, '-', '');
  v_timestamp := floor(extract(epoch from clock_timestamp()))::bigint::text;
  v_signature := encode(
    extensions.hmac(
      convert_to(v_id || '.' || v_timestamp || '.' || v_body, 'utf8'),
      decode(substr(private.open_token(v_sealed, v_nobody, v_nobody, 'nudge'), 7), 'base64'),
      'sha256'
    ),
    'base64'
  );
  return net.http_post(
    url := v_url || '/' || p_provider || '-' || p_function,
    body := v_body::jsonb,
    headers := jsonb_strip_nulls(jsonb_build_object(
      'content-type', 'application/json', 'traceparent', private.traceparent(),
      'webhook-id', v_id, 'webhook-timestamp', v_timestamp, 'webhook-signature', 'v1,' || v_signature
    )),
    timeout_milliseconds := 5000
  );
end
$$;
comment on function private.send_nudge(text, text) is
  'Sends one signed, empty wake-up to a provider''s function (Standard Webhooks) and returns the id of pg_net''s '
  'request; null where all of it is paused, or where the functions are is not known. It belongs to the trace of the '
  'request that leads to it. Raises what goes wrong.';
