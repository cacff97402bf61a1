-- Working days: Monday to Friday, but for what ref.holiday says otherwise.
create or replace function ref.is_working_day(day date) returns boolean language sql stable
return coalesce((select h.is_working from ref.holiday h where h.day = is_working_day.day),
    extract(isodow from is_working_day.day) < 6);
comment on function ref.is_working_day(date) is
    'Whether a day is worked. Of a year without a known notice only the weekday is known: ask ref.holiday_year first.';
create or replace function ref.add_working_days(day date, days int) returns date language sql stable
return (
    select w.on_day from (
        select d::date as on_day, ref.is_working_day(d::date) as is_working,
            count(*) filter (where ref.is_working_day(d::date)) over (order by d) as number,
            bool_and(exists (select from ref.holiday_year y where y.year = extract(year from d))) over (order by d) as is_known
        from generate_series(add_working_days.day + 1, add_working_days.day + add_working_days.days * 2 + 20, interval '1 day') d
    ) w where w.is_working and w.number = add_working_days.days and w.is_known);
comment on function ref.add_working_days(date, int) is
    'The day so many working days after a day; null if no notice of holidays is known for a year on the way.';
