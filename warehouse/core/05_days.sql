-- Days from what departments write, and birthdays.
create or replace function core.month_start(month text) returns date
language sql immutable strict parallel safe as $$
    select case when month ~ '^(19|20|21)[0-9]{2}(0[1-9]|1[0-2])$'
        then make_date(left(month, 4)::int, right(month, 2)::int, 1) end
$$;
comment on function core.month_start(text) is 'First day of a month written YYYYMM; null if it is none';

-- Somebody born on 29 February comes of age on 28 February of a common year (Civil Code, article 202).
create or replace function core.years_after(day date, years int) returns date
language sql immutable strict parallel safe as $$
    select (day + make_interval(years => years))::date
$$;
comment on function core.years_after(date, int) is 'The same day so many years later: the day an age is reached, birthday included';

create or replace function core.feed_of(record_key text) returns text
language sql immutable strict parallel safe as $$
    select split_part(record_key, ':', 1)
$$;
comment on function core.feed_of(text) is 'Feed of a record, which its key begins with';
