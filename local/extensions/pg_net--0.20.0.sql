create schema if not exists net;

create domain net.http_method as text check (value ilike 'get' or value ilike 'post' or value ilike 'delete');

-- unlogged like the real ones: a crash of the server empties them
create unlogged table net.http_request_queue (
  id bigserial,
  method net.http_method not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds integer not null
);

create unlogged table net._http_response (
  id bigint,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out boolean,
  error_msg text,
  created timestamptz not null default now()
);
create index _http_response_created_idx on net._http_response (created);

-- NOTIFY is delivered on commit, once per transaction, and never after a rollback: exactly when the real worker wakes
create function net.wake() returns void
language sql volatile as $$ select pg_notify('pg_net_wake', '') $$;

create function net._encode_url(url text, params jsonb) returns text
language plpgsql immutable as $$
declare
  query text;
begin
  -- the real one hands it to libcurl, which refuses what is no address
  if url !~ '^[A-Za-z][A-Za-z0-9+.-]*://[^[:space:]/?#]+' then
    raise exception 'Malformed input to a URL function' using errcode = 'XX000';
  end if;
  select string_agg(net._urlencode_string(key) || '=' || net._urlencode_string(value), '&') into query from jsonb_each_text(params);
  return url || case when query is null then '' when position('?' in url) > 0 then '&' || query else '?' || query end;
end
$$;

create function net._urlencode_string(string text) returns text
language sql immutable strict as $$
  select coalesce(string_agg(
    case when symbol ~ '[A-Za-z0-9_.~-]' then symbol else upper(regexp_replace(encode(convert_to(symbol, 'utf8'), 'hex'), '(..)', '%\1', 'g')) end,
    '' order by place), '')
  from regexp_split_to_table(string, '') with ordinality as part (symbol, place)
$$;

create function net._enqueue(method text, url text, headers jsonb, body bytea, timeout_milliseconds integer) returns bigint
language plpgsql volatile as $$
declare
  request_id bigint;
begin
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values (method, url, headers, body, timeout_milliseconds)
  returning id into request_id;
  perform net.wake();
  return request_id;
end
$$;

create function net.http_get(url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000)
returns bigint
language sql volatile as $$
  select net._enqueue('GET', net._encode_url(url, params), headers, null, timeout_milliseconds)
$$;

create function net.http_delete(
  url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000, body jsonb default null
) returns bigint
language sql volatile as $$
  select net._enqueue('DELETE', net._encode_url(url, params), headers, convert_to(body::text, 'utf8'), timeout_milliseconds)
$$;

create function net.http_post(
  url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{"Content-Type": "application/json"}',
  timeout_milliseconds integer default 5000
) returns bigint
language plpgsql volatile as $$
declare
  content_type text;
begin
  select h.value into content_type from jsonb_each_text(coalesce(headers, '{}')) h where lower(h.key) = 'content-type' limit 1;
  if content_type is null then
    headers := coalesce(headers, '{}') || '{"Content-Type": "application/json"}';
  elsif content_type <> 'application/json' then
    raise exception 'Content-Type header must be "application/json"';
  end if;
  return net._enqueue('POST', net._encode_url(url, params), headers, convert_to(body::text, 'utf8'), timeout_milliseconds);
end
$$;

create function net.check_worker_is_up() returns void
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from pg_catalog.pg_stat_activity where application_name = 'pg_net worker') then
    raise exception 'the pg_net background worker is not up';
  end if;
end
$$;

create function net.wait_until_running() returns void
language plpgsql security definer set search_path = '' as $$
begin
  while not exists (select from pg_catalog.pg_stat_activity where application_name = 'pg_net worker') loop
    perform pg_catalog.pg_sleep(0.01);
    perform pg_catalog.pg_stat_clear_snapshot();
  end loop;
end
$$;

create function net.worker_restart() returns boolean
language sql volatile as $$ select pg_notify('pg_net_wake', 'restart') is not null $$;

-- as wide as the real ones: any role that can log in can read what is queued
grant usage on schema net to public;
grant all on all tables in schema net to public;
grant all on all sequences in schema net to public;
