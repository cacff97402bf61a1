-- What is at stake in a case: answers held back weigh most, then benefits, then the records concerned (at most 99).
create or replace function core.review_stake(review_kind text, left_id text, right_id text) returns int
language sql stable parallel safe as $$
    select case when coalesce((select k.holds_answers from ref.review_kind k
                               where k.review_kind = review_stake.review_kind), true) then 1000 else 0 end
         + case when core.touches_benefits(array[left_id, right_id]) then 100 else 0 end
         + least(99, (select count(*) from core.crosswalk c where c.master_id in (left_id, right_id)))::int
$$;
comment on function core.review_stake(text, text, text) is
    'What is at stake in a case: 1000 if it holds back answers, 100 if it touches benefits, and its records up to 99';
