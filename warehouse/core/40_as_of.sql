-- The logical date of what is live: rules that need today use this, never the clock.
create or replace function core.as_of() returns date
language sql stable parallel safe as $$
    select p.as_of from core.publication p order by p.publication_id desc limit 1
$$;
comment on function core.as_of() is 'Logical date of what is published; null before the first publication';
