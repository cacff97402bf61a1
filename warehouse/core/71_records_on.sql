-- Which records did we believe to be a file's on day D? Whose a record is does not change with the day it speaks of.
create or replace function core.records_on(master_id text, known_on date)
returns table (record_key text, known_from date)
language sql stable strict parallel safe as $$
    select c.record_key, c.since_date from core.crosswalk c
    where c.master_id = core.survivor_on(records_on.master_id, known_on) and c.since_date <= known_on
    union all
    select c.record_key, c.since_date from core.crosswalk_history c
    where c.master_id = core.survivor_on(records_on.master_id, known_on)
      and c.since_date <= known_on and c.until_date > known_on
    order by 1
$$;
comment on function core.records_on(text, date) is 'Records believed to be a file''s on a day; personal';
create or replace function core.file_on(record_key text, known_on date)
returns table (master_id text, known_from date)
language sql stable strict parallel safe as $$
    select c.master_id, c.since_date from core.crosswalk c
    where c.record_key = file_on.record_key and c.since_date <= known_on
    union all
    select c.master_id, c.since_date from core.crosswalk_history c
    where c.record_key = file_on.record_key and c.since_date <= known_on and c.until_date > known_on
$$;
comment on function core.file_on(text, date) is 'The file a record was believed to belong to on a day';
