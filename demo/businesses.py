"""Enterprises on the first day: companies, branches, individual businesses, cooperatives, village collectives, public institutions.

A business's index is its number for ever. Names are kept in parts, so that files can write them in other ways.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo import places, vocabulary
from demo.chance import Chance, Ints, scramble
from demo.identifiers import with_org_check, with_registration_check, with_uscc_check, years
from demo.population import People
from demo.texts import NULL, Codes, Column, Digits, codes, digits, either, from_codes, join, number, take

COMPANY, BRANCH, INDIVIDUAL, COOPERATIVE, COLLECTIVE, PUBLIC = range(6)
GROUPS = ("company", "branch", "individual", "cooperative", "collective", "public")
SHARES = (0.27, 0.07, 0.56, 0.04, 0.03, 0.03)
FORMS = (
    "有限公司",
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "厂",
    "合伙企业（有限合伙）",
    "中心（普通合伙）",
    "经营部（个人独资）",
    "",
)
FORM_WEIGHTS = (0.66, 0.2, 0.03, 0.015, 0.03, 0.025, 0.015, 0.025)
NO_FORM = len(FORMS) - 1
PLACE_STYLES = (
    "province",
    "province_short",
    "city",
    "city_short",
    "county",
    "county_short",
    "none",
    "province_city",
    "city_county",
)
BRANCHES = (
    "分公司", "第一分公司", "第二分公司", "第三分公司", "一分公司", "二分公司", "三分公司", "营业部", "第一营业部", "第二营业部", "办事处",
    "项目部", "分店", "一分店", "二分店", "食堂", "销售部", "直营店",
)  # fmt: skip
_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
OPEN, REVOKED, CLOSED, SUSPENDED, LIQUIDATING, MOVED = range(6)
CODE_REFORM = 16709  # 2015-10-01: licence, organisation code and tax number became one
NEW_NUMBERS = 13514  # 2007-01-01: registration numbers got their check digit


@dataclass
class Businesses:
    """Arrays over businesses; days count from 1970-01-01; indices of other businesses or people are -1 for none."""

    kind: Ints
    county: Ints
    place_style: Ints
    trade_name: Ints  # index into vocabulary.trade_names(), or a person's name for some shops
    trade: Ints  # index into all_trades()
    form: Ints  # index into FORMS
    bracket: Ints  # 1 where the place stands in brackets behind the trade name
    tail: Ints  # index into BRANCHES, -1
    former_trade_name: Ints  # trade name before the renaming, -1
    parent: Ints
    successor_of: Ints  # the individual business a company was converted from
    founded: Ints
    closed: Ints  # day, -1
    status: Ints
    legal_rep: Ints  # person index
    former_legal_rep: Ints  # person index, -1
    capital: Ints  # 10,000 yuan
    uscc: Digits
    organisation: Digits
    registration: Digits  # (n, 15), or 13 digits and zero bytes; all zero where none

    def __len__(self) -> int:
        return len(self.kind)


def all_trades() -> tuple[tuple[str, str], ...]:
    """(word, industry) of every kind of trade; slices by trade_range()."""
    return tuple(t for kind in ("company", "shop", "coop", "public") for t in vocabulary.trades(kind))


def trade_range(kind: int) -> tuple[int, int]:
    """First trade and number of trades of a kind of business."""
    word = {
        COMPANY: "company",
        BRANCH: "company",
        INDIVIDUAL: "shop",
        COOPERATIVE: "coop",
        COLLECTIVE: "coop",
        PUBLIC: "public",
    }[kind]
    first = 0
    for group in ("company", "shop", "coop", "public"):
        if group == word:
            break
        first += len(vocabulary.trades(group))
    return first, len(vocabulary.trades(word))


def owners(chance: Chance, people: People, keys: Ints, county: Ints, today: int) -> Ints:
    """An adult of each county (of anywhere if it has none); a few hold several businesses."""
    adults = np.flatnonzero((people.birth < today - 20 * 365) & (people.birth > today - 75 * 365))
    adults = adults[np.argsort(people.county[adults], kind="stable")]
    where = people.county[adults]
    first, last = np.searchsorted(where, county, "left"), np.searchsorted(where, county, "right")
    draw = chance.uniform("owner", keys) ** 1.35
    local = first + (draw * (last - first)).astype(np.int64)
    anywhere = (draw * len(adults)).astype(np.int64)
    return adults[np.where(last > first, np.minimum(local, len(adults) - 1), anywhere)]


def make(chance: Chance, people: People, count: int, today: int) -> Businesses:
    """The first day's businesses."""
    keys = np.arange(count)
    kind = chance.weighted("business/kind", keys, SHARES)
    home = people.county[chance.below("business/where", keys, len(people))]
    county = home.copy()
    trade = np.zeros(count, dtype=np.int64)
    for value in range(len(GROUPS)):
        rows = np.flatnonzero(kind == value)
        first, size = trade_range(value)
        trade[rows] = first + (chance.uniform("business/trade", keys[rows]) ** 1.3 * size).astype(np.int64)
    words = len(vocabulary.trade_names())
    trade_name = (chance.uniform("business/trade name", keys) ** 1.6 * words).astype(np.int64)
    sister = np.flatnonzero((kind == COMPANY) & chance.hit("business/sister", keys, 0.06))
    elder = np.maximum(sister - 1 - chance.below("business/elder", sister, 400), 0)
    trade_name[sister], trade[sister] = trade_name[elder], np.where(kind[elder] == COMPANY, trade[elder], trade[sister])
    county[sister] = np.where(chance.hit("business/sister/here", sister, 0.2), county[elder], county[sister])
    form = np.where(kind == COMPANY, chance.weighted("business/form", keys, FORM_WEIGHTS), NO_FORM)
    place_style = np.where(
        kind == COMPANY,
        chance.weighted("business/place", keys, [0.3, 0.02, 0.26, 0.14, 0.16, 0.09, 0.03]),
        chance.weighted("business/place/other", keys, [0, 0, 0, 0, 0.75, 0.25]),
    )
    bracket = ((kind == COMPANY) & (place_style != 6) & chance.hit("business/bracket", keys, 0.05)).astype(np.int64)
    companies = np.flatnonzero(kind == COMPANY)
    if len(companies) == 0:
        kind[kind == BRANCH] = COMPANY
        form[kind == COMPANY] = 0
    branches = np.flatnonzero(kind == BRANCH)
    parent = np.full(count, -1, dtype=np.int64)
    parent[branches] = companies[(chance.uniform("business/parent", branches) ** 1.6 * len(companies)).astype(np.int64)]
    county[branches] = np.where(chance.hit("branch/near", branches, 0.6), county[parent[branches]], county[branches])
    for column in (place_style, trade_name, trade, form, bracket):
        column[branches] = column[parent[branches]]
    tail = np.where(
        kind == BRANCH,
        chance.weighted("branch/tail", keys, [30, 6, 5, 3, 3, 3, 2, 10, 2, 2, 6, 5, 10, 2, 2, 1, 4, 2]),
        -1,
    )
    age = np.where(kind == INDIVIDUAL, 12, 26) * chance.uniform("business/age", keys) ** 1.4
    founded = (today - 5 - age * 365).astype(np.int64)
    status = chance.weighted("business/status", keys, [0.84, 0.025, 0.11, 0.01, 0.005, 0.01])
    converted = np.flatnonzero((kind == COMPANY) & chance.hit("business/converted", keys, 0.02))
    shops = np.flatnonzero(kind == INDIVIDUAL)
    successor_of = np.full(count, -1, dtype=np.int64)
    before = shops[np.minimum(np.searchsorted(shops, converted), len(shops) - 1)] if len(shops) else converted[:0]
    _, once = np.unique(before, return_index=True)
    converted, before = converted[once], before[once]
    successor_of[converted] = before
    county[converted], founded[converted], status[before] = (
        county[before],
        np.minimum(founded[before] + 900, today - 3),
        CLOSED,
    )
    legal_rep = owners(chance, people, keys, county, today)
    legal_rep[converted] = legal_rep[before]
    replaced = chance.hit("business/rep changed", keys, np.where(kind == INDIVIDUAL, 0.03, 0.15))
    former_rep = np.where(replaced, owners(chance, people, keys + 40_000_000, county, today), -1)
    branded = (kind == COMPANY) | ((kind == INDIVIDUAL) & (keys % 5 > 2))
    renamed = branded & chance.hit("business/renamed", keys, 0.08)
    former_name = np.where(renamed, (chance.uniform("business/before", keys) * words).astype(np.int64), -1)
    span = np.maximum(today - 30 - founded, 1)
    closed = np.where(
        np.isin(status, (REVOKED, CLOSED)),
        founded + (chance.uniform("business/closed", keys) * span).astype(np.int64),
        -1,
    )
    capital = np.array([1, 5, 10, 30, 50, 100, 200, 500, 1000, 5000])[chance.below("business/capital", keys, 10)]
    organisation, uscc, registration = numbers(chance, keys, kind, county, founded)
    return Businesses(
        kind, county, place_style, trade_name, trade, form, bracket, tail, former_name, parent, successor_of, founded, closed, status,
        legal_rep, former_rep, capital, uscc, organisation, registration,
    )  # fmt: skip


def numbers(chance: Chance, keys: Ints, kind: Ints, county: Ints, founded: Ints) -> tuple[Digits, Digits, Digits]:
    """(organisation codes, unified codes, registration numbers or zero rows) of businesses by index."""
    spread = scramble(keys, 28_000_000, 387420489, 1234567)
    letters = _ALPHABET[spread[:, None] // 31 ** np.arange(4, -1, -1, dtype=np.int64) % 31]
    new = np.hstack([np.tile(np.frombuffer(b"MA6", dtype=np.uint8), (len(keys), 1)), letters])
    new[kind == COLLECTIVE, 1] = ord("F")
    new[np.isin(kind, (PUBLIC,)), 1] = ord("B")
    body = np.where((founded < CODE_REFORM)[:, None], digits(scramble(keys, 10**8), 8), new).astype(np.uint8)
    organisation = with_org_check(body)
    prefixes = np.array([list(p) for p in (b"91", b"91", b"92", b"93", b"N2", b"12")], dtype=np.uint8)
    table = places.counties()
    organ = np.where(chance.hit("business/organ", keys, 0.12), table.codes[county] // 100 * 100, table.codes[county])
    organ = np.where((kind == COMPANY) & chance.hit("business/organ/province", keys, 0.02), 510000, organ)
    uscc = with_uscc_check(np.hstack([prefixes[kind], digits(organ, 6), organisation]).astype(np.uint8))
    first = np.where(kind == INDIVIDUAL, chance.between("registration/first", keys, 6, 7), 0)
    sequence = digits(first * 10**7 + scramble(keys, 10**7), 8)
    registration = with_registration_check(np.hstack([digits(organ, 6), sequence]).astype(np.uint8))
    early = founded < NEW_NUMBERS
    registration[early, 13:] = 0
    registration[(founded >= CODE_REFORM) | np.isin(kind, (COLLECTIVE, PUBLIC))] = 0
    return organisation, uscc, registration


def place_words() -> list[str]:
    """The ways to write each county's place in a name: PLACE_STYLES per county, county-major."""
    table = places.counties()
    words: list[str] = []
    for county, city in zip(table.names, table.cities, strict=True):
        short_city = city.removesuffix("市") if city.endswith("市") else city[:2]
        short = county[:-1] if len(county) > 2 and county != "市中区" else county
        own = city if county == "市中区" else county
        words += [
            "四川省",
            "四川",
            city,
            short_city,
            own,
            short if county != "市中区" else short_city,
            "",
            "四川省" + city,
            city + own,
        ]
    return words


def compose(
    businesses: Businesses,
    people: People,
    rows: Ints,
    place_style: Ints,
    form: Ints,
    trade_name: Ints,
    bracket: Ints,
    township: bool = True,
) -> Column:
    """Names of `rows` from their parts, written with the given place style, legal form, trade name and bracket."""
    kind = businesses.kind[rows]
    own_place = np.where(
        kind == BRANCH, businesses.county[np.maximum(businesses.parent[rows], 0)], businesses.county[rows]
    )
    place = take(place_words(), own_place * len(PLACE_STYLES) + place_style)
    trades = [word for word, _ in all_trades()]
    trade = take(trades, businesses.trade[rows])
    legal = take(list(FORMS), form)
    brand = take(list(vocabulary.trade_names()), trade_name)
    front = join(place, brand, trade, legal)
    middle = join(brand, "（", place, "）", trade, legal)
    company = either(bracket == 1, middle, front)
    named = rows % 5  # shops: two in five by the operator's surname, one by the operator's name
    rep = people.names[businesses.legal_rep[rows]]
    surname = from_codes(rep[:, :1])
    short = codes(["氏", "记", "姐", "哥", "老"], 1)[:, 0]
    sign = from_codes(short[(rows // 5 % 5)][:, None])
    shop_word = either(named < 2, join(surname, sign), either(named == 2, from_codes(rep), brand))
    shop = join(place, shop_word, trade)
    _, townships, villages = vocabulary.villages()
    table = places.counties()
    village = table.first_village[businesses.county[rows]] + rows * 7919 % table.village_count[businesses.county[rows]]
    town = take(list(townships), village) if township else ""
    coop = join(place, brand, trade, "专业合作社")
    collective = join(place, town, take(list(villages), village), "股份经济合作联合社")
    public = join(place, town, trade)
    out = either(kind == INDIVIDUAL, shop, company)
    out = either(kind == COOPERATIVE, coop, out)
    out = either(kind == COLLECTIVE, collective, out)
    out = either(kind == PUBLIC, public, out)
    branch_place = take(place_words(), businesses.county[rows] * len(PLACE_STYLES) + 5)
    apart = own_place != businesses.county[rows]
    tail = join(
        either(apart, branch_place, ""),
        take([*BRANCHES, ""], np.where(kind == BRANCH, businesses.tail[rows], len(BRANCHES))),
    )
    return either(kind == BRANCH, join(out, tail), out)


def registered_names(businesses: Businesses, people: People, rows: Ints) -> Column:
    """Names as registered."""
    return compose(
        businesses,
        people,
        rows,
        businesses.place_style[rows],
        businesses.form[rows],
        businesses.trade_name[rows],
        businesses.bracket[rows],
    )


def former_names(businesses: Businesses, people: People, rows: Ints) -> Column:
    """Names before the renaming, of rows that were renamed."""
    return compose(
        businesses,
        people,
        rows,
        businesses.place_style[rows],
        businesses.form[rows],
        np.maximum(businesses.former_trade_name[rows], 0),
        businesses.bracket[rows],
    )


def make_unique(businesses: Businesses, people: People, words: int) -> None:
    """Give another trade name where two businesses registered one name, until none does (a registry refuses the second)."""
    rows = np.arange(len(businesses))
    for step in range(1, 40):
        names = registered_names(businesses, people, rows).dictionary_encode()
        code = names.indices.to_numpy(zero_copy_only=False)
        order = np.argsort(code, kind="stable")
        again = np.flatnonzero(code[order][1:] == code[order][:-1]) + 1
        twice = order[again]
        twice = twice[
            ~np.isin(businesses.kind[twice], (INDIVIDUAL,)) | (twice % 3 == 0)
        ]  # shops share generic names in life
        twice = twice[businesses.kind[twice] != BRANCH] if step > 20 else twice
        if len(twice) == 0:
            return
        branch = twice[businesses.kind[twice] == BRANCH]
        businesses.tail[branch] = (businesses.tail[branch] + step) % len(BRANCHES)
        fixed = twice[np.isin(businesses.kind[twice], (PUBLIC, COLLECTIVE))]
        businesses.place_style[fixed] = (businesses.place_style[fixed] + 1) % len(PLACE_STYLES)
        other = np.setdiff1d(twice, np.concatenate([branch, fixed]))
        businesses.trade_name[other] = (businesses.trade_name[other] * 31 + 17 * step + other) % words


def industries(businesses: Businesses, rows: Ints) -> Column:
    """GB/T 4754 codes."""
    return take([code for _, code in all_trades()], businesses.trade[rows])


def type_codes(businesses: Businesses, rows: Ints) -> Column:
    """Four-digit types of enterprise."""
    kind, form = businesses.kind[rows], businesses.form[rows]
    company = np.array([1130, 1151, 1229, 1130, 4540, 4533, 4531, 4540, 1100])[form]
    value = np.choose(
        kind,
        [
            company,
            np.full(len(rows), 2130),
            np.full(len(rows), 9500),
            np.full(len(rows), 9100),
            np.full(len(rows), 9900),
            np.full(len(rows), 9900),
        ],
    )
    return number(value, 4)


def is_coded(businesses: Businesses, rows: Ints, today: int) -> Ints:
    """1 where the business ever got a unified code: not those closed before 2015-10."""
    closed = businesses.closed[rows]
    return ((closed < 0) | (closed >= CODE_REFORM) | (years(np.full(len(rows), today)) < 2015)).astype(np.int64)


def registration_text(businesses: Businesses, rows: Ints) -> Column:
    """Registration numbers, null where there is none."""
    matrix = businesses.registration[rows]
    text = from_codes(matrix.astype(np.uint32))
    return either(matrix[:, 0] != 0, text, NULL)


def representative_names(people: People, person: Ints) -> Codes:
    """Names of legal representatives."""
    return people.names[person]
