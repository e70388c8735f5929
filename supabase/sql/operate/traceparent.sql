create or replace function private.traceparent() returns text
language sql stable set search_path = ''
as $$
  select h.named
  from (select nullif(current_setting('request.headers', true), '')::jsonb ->> 'traceparent' as named) h
  where h.named ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'
$$;
comment on function private.traceparent() is
  'The trace that the request of the tables'' API names which is under way (W3C Trace Context); null where it names '
  'none, or none that can be one, and where there is no request.';
