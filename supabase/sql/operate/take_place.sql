create or replace function private.take_place(p_provider text, p_task text, p_worker uuid) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_most integer := private.most_workers(p_provider);
  v_place integer;
begin
  if (select count(*) from private.worker_places w where w.provider = p_provider and w.task = p_task) < v_most then
    insert into private.worker_places (provider, task, place, held_until)
    select p_provider, p_task, n, '-infinity' from generate_series(1, v_most) n
    on conflict (provider, task, place) do nothing;
  end if;
  select w.place into v_place from private.worker_places w
  where w.provider = p_provider and w.task = p_task and w.place <= v_most
    and (w.worker = p_worker or w.held_until <= v_now)
  order by w.worker is distinct from p_worker, w.place limit 1 for update skip locked;
  if not found then
    return false;
  end if;
  update private.worker_places w set worker = p_worker, held_until = v_now + interval '1 minute'
  where w.provider = p_provider and w.task = p_task and w.place = v_place;
  return true;
end
$$;
comment on function private.take_place(text, text, uuid) is
  'Takes a place among a function''s workers, or keeps the one that this worker has; false where all are taken.';
