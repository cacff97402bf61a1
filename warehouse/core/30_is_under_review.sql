-- Whether a doubt of a kind that holds back answers is open about a file (domain: never a plain yes while in doubt).
create or replace function core.is_under_review(master_id text) returns boolean
language sql stable strict parallel safe as $$
    select exists (
        select from core.review r
        left join ref.review_kind k on k.review_kind = r.review_kind
        where is_under_review.master_id in (r.left_id, r.right_id)
          and r.state in ('open', 'taken', 'deferred')
          and coalesce(k.holds_answers, true)
    )
$$;
comment on function core.is_under_review(text) is
    'Whether an undecided case about this file holds back answers; kinds not listed in ref.review_kind do';
