"""Labelled enterprise records by another hand than `demo/`: own names, kinds, offices, rates and faults."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

import pyarrow as pa

from tests.matching.other_hand import COUNTIES, NAMES_OF, ROADS, SURNAMES, TOWNS
from tests.matching.subjects import (
    ENTERPRISE,
    Row,
    citizen,
    credit_code,
    registration_number,
    table,
)

TRADE = "宏远达盛鑫隆泰华瑞丰祥安康顺通恒信诚德源兴旺昌荣嘉美佳润泽博雅智汇联众合创新天地蓝海金银龙凤山川锦绣"
INDUSTRY = (
    "建筑工程",
    "商贸",
    "科技",
    "餐饮管理",
    "物业服务",
    "农业开发",
    "运输",
    "装饰工程",
    "医药",
    "文化传播",
    "机电设备",
    "劳务",
    "食品",
    "房地产开发",
    "信息技术",
    "汽车销售",
    "园林绿化",
    "广告",
    "环保科技",
    "网络技术",
)
SHOPS = (
    "小吃店",
    "餐馆",
    "百货店",
    "理发店",
    "五金店",
    "服装店",
    "茶馆",
    "副食店",
    "汽修厂",
    "水果店",
    "便利店",
    "火锅店",
)
CROPS = ("茶叶种植", "生猪养殖", "柑橘种植", "中药材种植", "蔬菜种植", "水产养殖")
BODIES = ("第一小学", "第二中学", "人民医院", "中心卫生院", "文化馆", "图书馆", "幼儿园", "敬老院", "水务局", "财政局")
BRANCHES = (
    "分公司",
    "第一分公司",
    "第二分公司",
    "第三分公司",
    "营业部",
    "项目部",
    "办事处",
    "城南分公司",
    "城北分店",
    "一分店",
    "二分店",
)
TYPES = {
    "company": ("1130", "1110", "1151"),
    "branch": ("2130", "2190"),
    "individual": ("9500", "9501"),
    "cooperative": ("9100",),
    "collective": ("N100",),
    "public": ("1200",),
}
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def parts(county: str) -> tuple[str, str]:
    """Names of the prefecture and of the county."""
    found = re.fullmatch("(.+?(?:自治州|市))(.+)", NAMES_OF[county])
    assert found is not None
    return found[1], found[2]


@dataclass(slots=True, eq=False)
class Firm:
    """One enterprise of the truth."""

    key: int
    kind: str
    place: str
    trade: str
    industry: str
    form: str
    county: str
    code: str
    registration: str
    head: str
    head_id: str
    phone: str
    address: str
    former_trade: str = ""
    former_head: str = ""
    parent: str = ""

    @property
    def organisation(self) -> str:
        return self.code[8:17]


@dataclass(frozen=True, slots=True)
class Office:
    """One department's file: who is in it, what it holds, how careless it is."""

    code: str
    held: float
    head: float
    head_id: float
    phone: float
    address: float
    old: float
    kind: float
    care: float


OFFICES = (
    Office("mr", 0.98, 0.98, 0.5, 0.7, 0.98, 0.5, 1.0, 0.2),
    Office("tax", 0.8, 0.9, 0.7, 0.6, 0.8, 0.1, 0.5, 0.8),
    Office("hrss", 0.4, 0.5, 0.1, 0.6, 0.5, 0.2, 0.0, 1.5),
    Office("nhsa", 0.3, 0.2, 0.0, 0.5, 0.2, 0.0, 0.0, 1.8),
    Office("fin", 0.15, 0.6, 0.2, 0.8, 0.6, 0.1, 0.2, 1.0),
    Office("ct", 0.08, 0.6, 0.0, 0.6, 0.8, 0.1, 0.0, 1.5),
)  # fmt: skip


class FirmMaker:
    """Draws enterprises and their rows from one seed."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.firms: list[Firm] = []
        self.agencies = [self.phone() for _ in range(12)]

    def phone(self) -> str:
        return f"13{self.draw.randrange(10**9):09}"

    def person(self, county: str) -> tuple[str, str]:
        d = self.draw
        name = SURNAMES[min(int(d.expovariate(1 / 20)), len(SURNAMES) - 1)] + "".join(
            d.choice("文明志强建国丽芳秀英勇军杰伟敏霞平波涛红") for _ in range(d.choice((1, 2, 2)))
        )
        born = f"{d.randrange(1950, 2003)}{d.randrange(1, 13):02}{d.randrange(1, 29):02}"
        return name, citizen(county, born, d.randrange(1, 900))

    def add(self, kind: str, county: str, **given: str) -> Firm:
        d = self.draw
        head, head_id = self.person(county)
        city, prefecture, seat = NAMES_OF[county], *parts(county)
        prefix = {
            "company": "91",
            "branch": "91",
            "individual": "92",
            "cooperative": "93",
            "collective": "N2",
            "public": "12",
        }[kind]
        organisation = "".join(
            d.choice("ABCDEFGHJKLMNPQRTUWXY0123456789" if kind != "public" else "0123456789") for _ in range(8)
        )
        code = credit_code(prefix, county, organisation)
        trade = "".join(d.sample(TRADE, d.choice((2, 2, 2, 3))))
        industry, form = d.choice(INDUSTRY), d.choice(("有限公司",) * 5 + ("有限责任公司",) * 3 + ("股份有限公司",))
        place = d.choice((prefecture, prefecture[:2], "四川", "四川省", city, ""))
        if kind == "individual":
            place, industry, form = seat if d.random() < 0.6 else city, "", d.choice(SHOPS)
            trade = d.choice((trade, head, f"{head[0]}记", f"{head[0]}氏", f"老{head[0]}"))
        elif kind == "cooperative":
            place, industry, form = seat, d.choice(CROPS), d.choice(("专业合作社", "农民专业合作社"))
        elif kind == "collective":
            place, trade, industry, form = (
                seat,
                d.choice(TOWNS) + f"{d.choice('青红龙凤金石')}{d.choice('山水桥坝河岩')}村",
                "",
                "股份经济合作联合社",
            )
        elif kind == "public":
            place, trade, industry, form = city, d.choice(("", "", d.choice(TOWNS))), "", d.choice(BODIES)
        firm = Firm(
            len(self.firms), kind, place, trade, industry, form, county, code,
            registration_number(f"{county}{'6' if kind == 'individual' else '0'}{d.randrange(10**7):07}"), head, head_id,
            d.choice(self.agencies) if d.random() < 0.05 else self.phone(),
            f"四川省{city}{d.choice(TOWNS)}{d.choice(ROADS)}{d.randrange(1, 400)}号" + (f"{d.randrange(1, 20)}栋{d.randrange(1, 30)}层{d.randrange(1, 9)}号" if d.random() < 0.5 else ""),
        )  # fmt: skip
        for name, value in given.items():
            setattr(firm, name, value)
        self.firms.append(firm)
        return firm

    def family(self) -> None:
        """A company with branches and sisters; a shop that became one; a shop and its neighbour of one owner; the rest."""
        d, county = self.draw, self.draw.choice(COUNTIES)
        kind = d.choices(("company", "individual", "cooperative", "collective", "public"), (32, 56, 5, 3, 4))[0]
        first = self.add(kind, county)
        if kind == "public" and any(f.kind == "public" and self.name(f) == self.name(first) for f in self.firms[:-1]):
            self.firms.pop()
            return
        if d.random() < 0.05:
            first.former_trade = "".join(d.sample(TRADE, 2)) if kind in ("company", "individual") else ""
        if d.random() < 0.06:
            first.former_head = self.person(county)[0]
        if kind == "company" and d.random() < 0.2:
            for branch in d.sample(BRANCHES, d.randrange(1, 4)):
                self.add(
                    "branch",
                    county if d.random() < 0.6 else d.choice(COUNTIES),
                    place=first.place,
                    trade=first.trade,
                    industry=first.industry,
                    form=first.form + branch,
                    parent=first.code,
                    head=first.head if d.random() < 0.5 else self.person(county)[0],
                )
        if kind == "company" and d.random() < 0.06:
            away = d.choice([c for c in COUNTIES if c[:4] != county[:4]])
            self.add(
                "company",
                away,
                place=parts(away)[0],
                trade=first.trade,
                industry=d.choice((first.industry, "物业服务")),
                form="有限公司",
                head=first.head,
                head_id=first.head_id,
            )
        if kind == "individual" and d.random() < 0.04:
            self.add(
                "company",
                county,
                trade=first.trade,
                industry="餐饮管理",
                form="有限公司",
                head=first.head,
                head_id=first.head_id,
                phone=first.phone,
                address=first.address,
            )
        if kind == "individual" and d.random() < 0.06:
            self.add(
                "individual",
                county,
                trade=d.choice((first.trade, "二" + first.trade[:1])),
                form=d.choice((first.form, d.choice(SHOPS))),
                head=first.head,
                head_id=first.head_id,
                phone=first.phone,
            )

    def name(self, f: Firm, former: bool = False) -> str:
        trade = f.former_trade if former and f.former_trade else f.trade
        return f.place + trade + f.industry + f.form

    def records(self, count: int, rate: float = 1.0) -> tuple[pa.Table, pa.Table]:
        """(records, truth) of at least `count` rows, shuffled."""
        while len(self.firms) * 2.6 < count:
            self.family()
        rows: list[Row] = []
        truth: list[tuple[str, list[str], list[str]]] = []
        for firm in self.firms:
            for office in OFFICES:
                for copy in range(2):
                    if self.draw.random() < office.held * (1 if copy == 0 else 0.08):
                        row, marks = self.row(firm, office, copy == 1, rate * office.care)
                        row["record_key"] = f"{self.draw.randrange(10**9):09}:{len(rows)}"
                        rows.append(row)
                        truth.append((f"e{firm.key}", [firm.kind, *(["no_uscc"] if "no_code" in marks else [])], marks))
        order = list(range(len(rows)))
        self.draw.shuffle(order)
        labelled = pa.table({
            "record_key": [rows[n]["record_key"] for n in order], "subject_id": [truth[n][0] for n in order],
            "groups": pa.array([truth[n][1] for n in order], pa.list_(pa.string())),
            "defects": pa.array([truth[n][2] for n in order], pa.list_(pa.string())),
        })  # fmt: skip
        return table([rows[n] for n in order], ENTERPRISE), labelled

    def row(self, f: Firm, o: Office, old: bool, rate: float) -> tuple[Row, list[str]]:
        d, r = self.draw, self.draw.random
        marks: list[str] = []

        def happens(what: str, share: float) -> bool:
            hit = r() < share * rate
            if hit:
                marks.append(what)
            return hit

        old = old or (o.code != "mr" and r() < 0.1)
        row: Row = {"department": o.code, "name": self.written(f, old, happens, marks)}
        row["former_name"] = self.name(f, former=True) if f.former_trade and o.code == "mr" and not old else None
        code: str | None = f.code
        if f.parent and happens("parents_code", 0.05):
            code = f.parent
        elif happens("no_code", 0.06):
            code = d.choice((None, None, "", "无", "-", "000000000000000000", "不详"))
        elif happens("old_number", 0.02):
            code = d.choice(
                (
                    f.registration,
                    f.organisation,
                    f"{f.organisation[:8]}-{f.organisation[8:]}",
                    f.county + f.organisation,
                )
            )
        elif happens("typed_code", 0.006):
            place = d.randrange(2, 18)
            code = d.choice(
                (
                    f.code[:place] + d.choice(ALPHABET) + f.code[place + 1 :],
                    f.code[:place] + f.code[place + 1 :],
                    f.code[: place - 1] + f.code[place] + f.code[place - 1] + f.code[place + 1 :],
                )
            )
        elif happens("ocr_code", 0.004):
            code = (
                f.code.replace("0", "O", 1).replace("1", "I", 1)
                if r() < 0.5
                else f.code.replace("5", "S", 1).replace("2", "Z", 1)
            )
        elif happens("masked_code", 0.003):
            code = f.code[:6] + "********" + f.code[14:]
        elif happens("form_code", 0.02):
            code = d.choice(
                (
                    f.code.lower(),
                    f" {f.code}",
                    f"{f.code[:2]} {f.code[2:8]} {f.code[8:]}",
                    "".join(chr(ord(c) + 0xFEE0) for c in f.code),
                    f"'{f.code}",
                    f"{f.code}\t",
                    f"统一社会信用代码：{f.code}",
                    f"{f.code}(1-1)",
                )
            )
        row["uscc"] = code
        numbers = r() < o.old or (code != f.code and r() < 0.3)
        row["registration_no"] = f.registration if numbers and r() < 0.7 else None
        row["organisation_code"] = f"{f.organisation[:8]}-{f.organisation[8:]}" if numbers and r() < 0.6 else None
        head, head_id = (f.former_head, None) if f.former_head and old else (f.head, f.head_id)
        if happens("head", 0.02):
            head = d.choice((head[0] + "*" * (len(head) - 1), head + " ", head[0] + "某"))
        row["legal_rep_name"] = head if r() < o.head else None
        row["legal_rep_id"] = head_id if r() < o.head_id else None
        row["phone"] = (f.phone if not (old and r() < 0.5) else self.phone()) if r() < o.phone else None
        address = f.address if not (old and r() < 0.3) else f"{d.choice(TOWNS)}{d.choice(ROADS)}{d.randrange(1, 300)}号"
        address = address.removeprefix("四川省") if r() < 0.4 else address
        row["address"] = (
            (address.replace(NAMES_OF[f.county], "") if r() < 0.2 else address) if r() < o.address else None
        )
        row["area_code"] = d.choice(
            (f.county, f.county, f"{f.county}000000", f"{f.county[:4]}00", NAMES_OF[f.county], None)
        )
        row["enterprise_type"] = d.choice(TYPES[f.kind]) if r() < o.kind else None
        row["parent_uscc"] = f.parent if f.parent and o.code in ("mr", "tax") and r() < 0.7 else None
        return row, marks

    def written(self, f: Firm, old: bool, happens: object, marks: list[str]) -> str | None:
        assert callable(happens)
        d = self.draw
        former = bool(f.former_trade) and old and d.random() < 0.6
        if former:
            marks.append("renamed")
        place, form = f.place, f.form
        trade = f.former_trade if former else f.trade
        if happens("place", 0.04):
            city, prefecture, seat = NAMES_OF[f.county], *parts(f.county)
            place = d.choice((city, prefecture, prefecture[:2], seat, f"四川{prefecture[:2]}", f"四川省{city}", ""))
        if happens("form", 0.03):
            form = (
                form.replace("有限责任公司", "有限公司")
                if "责任" in form
                else form.replace("有限公司", "有限责任公司")
                if "股份" not in form
                else form
            )
        name = place + trade + f.industry + form
        if f.kind in ("company", "branch") and place and happens("bracket", 0.03):
            name = d.choice((f"{trade}({place}){f.industry}{form}", f"{trade}（{place}）{f.industry}{form}"))
        if happens("typed_name", 0.008):
            at = d.randrange(len(name))
            name = d.choice(
                (
                    name[:at] + name[at + 1 :],
                    name[:at] + name[at] + name[at:],
                    name[:at] + d.choice("鸿元大胜心龙太化锐") + name[at + 1 :],
                )
            )
        if happens("short", 0.006):
            name = d.choice((trade + f.industry, place + trade, name[: max(4, len(name) - 3)]))
        if happens("note", 0.01):
            name += d.choice(("(注销)", "（原名：旧称）", "（筹）", "-已停业", "【吊销】", "（盖章）"))
        if happens("blank", 0.02):
            name = d.choice((f" {name}", f"{name[:3]} {name[3:]}", f"{name}\u3000", name.replace("有限", "有限 ")))
        if f.kind == "individual" and happens("nameless", 0.01):
            return d.choice((None, "无", "无字号", "个体户", f.head))
        return name
