"""Rows of other_hand's people at other_hand's offices, with faults of every kind, several in one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from tests.matching.other_hand import NAMES_OF, ROADS, TODAY, TOWNS, Maker, Person
from tests.matching.subjects import PERSON, Row, table

SPELT = {
    "泽": "次才",
    "呷": "嘎",
    "曲": "取",
    "惹": "热",
    "莫": "嫫",
    "绒": "荣",
    "四": "泗",
    "降": "绛",
    "尔": "耳",
    "阿": "啊",
    "卓": "珠",
    "仁": "人",
}
SOUND = {
    "伟": "玮炜",
    "丽": "莉利",
    "军": "君均",
    "芳": "方",
    "明": "鸣名",
    "红": "洪宏",
    "建": "健",
    "平": "萍",
    "华": "花",
    "英": "瑛",
    "梅": "玫",
    "志": "智",
    "文": "雯",
    "佳": "嘉",
    "子": "紫",
    "欣": "馨新",
    "怡": "宜",
    "静": "靖",
    "玉": "钰",
    "清": "青",
    "国": "果",
    "林": "琳",
    "云": "芸",
    "永": "勇",
    "雨": "语",
    "诗": "施",
    "浩": "皓",
    "杰": "洁",
    "俊": "峻",
    "琴": "芹",
    "容": "蓉",
    "兰": "岚",
}
LOOK = {
    "王": "玉",
    "玉": "王",
    "天": "夭",
    "文": "丈",
    "子": "孑",
    "可": "司",
    "明": "朋",
    "云": "去",
    "贵": "贯",
    "秀": "禿",
    "素": "索",
    "刘": "浏",
    "李": "季",
    "陈": "阵",
    "杨": "扬",
    "忠": "患",
    "林": "休",
    "宇": "字",
    "杰": "木",
    "丁": "于",
    "于": "干",
    "淑": "椒",
    "兰": "三",
    "德": "徳",
}
OLDER = {
    "国": "國",
    "张": "張",
    "刘": "劉",
    "陈": "陳",
    "杨": "楊",
    "华": "華",
    "东": "東",
    "兰": "蘭",
    "马": "馬",
    "龙": "龍",
    "荣": "榮",
    "贵": "貴",
    "云": "雲",
    "丽": "麗",
}


@dataclass(frozen=True, slots=True)
class Office:
    """What one department's file holds: shares of its rows with a value, and how careless its clerks are."""

    code: str
    held: float
    birth: float
    sex: float
    phone: float
    address: float
    household: float
    card: float
    area: float
    care: float
    day: str
    words: tuple[str, str]


OFFICES = (
    Office("ps", 0.97, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.25, "%Y%m%d", ("1", "2")),
    Office("hrss", 0.93, 0.95, 1.0, 0.85, 0.8, 0.0, 1.0, 0.9, 0.7, "%Y-%m-%d", ("男", "女")),
    Office("nhsa", 0.88, 0.6, 0.7, 0.4, 0.3, 0.0, 0.1, 0.9, 0.8, "%Y/%m/%d", ("1-男", "2-女")),
    Office("ca", 0.3, 0.5, 0.5, 0.5, 0.7, 0.6, 0.2, 0.8, 1.6, "%Y年%m月%d日", ("男性", "女性")),
    Office("fin", 0.4, 0.15, 0.2, 0.5, 0.3, 0.2, 0.5, 0.7, 1.5, "%Y.%m.%d", ("男", "女")),
    Office("nhc", 0.5, 0.7, 0.8, 0.9, 0.4, 0.0, 0.2, 0.9, 1.0, "%Y-%m-%d 00:00:00", ("M", "F")),
    Office("tr", 0.25, 0.3, 0.3, 0.6, 0.1, 0.0, 0.9, 0.6, 1.2, "%Y%m%d", ("1", "2")),
    Office("dpf", 0.06, 0.8, 0.9, 0.6, 0.9, 0.3, 0.1, 0.9, 1.0, "%Y-%m-%d", ("男", "女")),
)  # fmt: skip


class RowMaker:
    """One row of one person at one office, with its faults."""

    def __init__(self, maker: Maker, person: Person, office: Office, rate: float, old: bool) -> None:
        self.maker, self.person, self.office, self.rate, self.old = maker, person, office, rate, old
        self.draw, self.marks = maker.random, list[str]()

    def happens(self, what: str, share: float, *, always: bool = False) -> bool:
        hit = self.draw.random() < share * (1.0 if always else self.rate * self.office.care)
        if hit:
            self.marks.append(what)
        return hit

    def written(self) -> tuple[Row, list[str]]:
        p, o, r = self.person, self.office, self.draw.random
        row: Row = {"department": o.code, "name": self.name(), "id_number": self.number()}
        row["sex"] = self.sex() if r() < o.sex else None
        row["birth_date"] = self.birth() if r() < o.birth else None
        row["phone"] = self.telephone() if r() < o.phone else None
        row["address"] = self.address() if r() < o.address else None
        row["area_code"] = self.area() if r() < o.area else None
        row["household_no"] = p.household if r() < o.household else None
        row["card_number"] = self.card() if r() < o.card else None
        row["ethnicity"] = (
            self.draw.choice(
                {
                    "han": ("01", "汉族", "汉", "HA"),
                    "yi": ("07", "彝族", "彝", "YI"),
                    "tibetan": ("04", "藏族", "藏", "ZA"),
                }[p.group]
            )
            if r() < 0.6
            else None
        )
        row["former_name"] = p.former if p.former and o.code == "ps" and r() < 0.8 else None
        row["former_id_number"] = p.second if p.second_is_listed and o.code == "ps" else None
        row["updated_at"] = (
            f"202{self.draw.randrange(0, 6)}-0{self.draw.randrange(1, 9)}-1{self.draw.randrange(0, 9)} 08:00:00"
        )
        if self.happens("swapped", 0.0004):
            row["name"], row["id_number"] = row["id_number"], row["name"]
        if row["id_number"] in (None, "") and self.draw.random() < 0.4:
            row["birth_date"] = None
            self.marks.append("no_birth")
        return row, self.marks

    def number(self) -> str | None:
        p, d = self.person, self.draw
        number = p.number
        if p.second and self.office.code != "ps" and d.random() < (0.6 if self.old else 0.2):
            number = p.second
            self.marks.append("second_id")
        if self.happens("no_id", 0.009):
            return d.choice(
                (
                    None,
                    None,
                    "",
                    "无",
                    "不详",
                    "未知",
                    "-",
                    "/",
                    "NULL",
                    "0",
                    "000000000000000000",
                    "999999999999999999",
                    "暂缺",
                )
            )
        if self.happens("relative_id", 0.003) and p.kin:
            return d.choice(p.kin).number
        if self.happens("strangers_id", 0.0004) and len(self.maker.people) > 50:
            return d.choice(self.maker.people).number
        if self.happens("masked_id", 0.004):
            shown = d.choice(((6, 4), (4, 4), (3, 4), (10, 4), (14, 0), (0, 4), (6, 2), (1, 1)))
            star = d.choice("***X＊")
            return number[: shown[0]] + star * (18 - sum(shown)) + (number[18 - shown[1] :] if shown[1] else "")
        if self.happens("short_id", 0.005) and number[6] == "1":
            return number[:6] + number[8:17]
        if self.happens("excel_id", 0.002):
            return d.choice(
                (
                    number[:15] + "000",
                    number[:15] + "000",
                    f"{number[0]}.{number[1:15]}E+17",
                    f"{number[0]}.{number[1:6]}E+17",
                    f"{number[:15]}000.0",
                )
            )
        if self.happens("typed_id", 0.006):
            number = self.mistyped(number)
        if self.happens("ocr_id", 0.003):
            number = "".join(
                {"0": "O", "1": "l", "8": "B", "5": "S", "2": "Z"}[c] if c in "01852" and d.random() < 0.25 else c
                for c in number
            )
        if self.happens("form_id", 0.03):
            number = d.choice(self.forms())(number)
        return number

    def forms(self) -> list[Callable[[str], str]]:
        wide = {ord(c): ord(c) + 0xFEE0 for c in "0123456789X"}
        mark = self.draw.choice("xＸｘⅩ×Х")
        return [
            lambda n: n.lower(), lambda n: n.translate(wide), lambda n: f" {n} ", lambda n: f"'{n}", lambda n: f"{n}\t", lambda n: f"{n[:6]} {n[6:14]} {n[14:]}",
            lambda n: f"{n[:6]}-{n[6:14]}-{n[14:]}", lambda n: n.replace("X", mark), lambda n: f"\ufeff{n}", lambda n: f"{n[:10]}\u200b{n[10:]}", lambda n: f'="{n}"', lambda n: f"{n}。",
        ]  # fmt: skip

    def mistyped(self, number: str) -> str:
        place, how = self.draw.randrange(17), self.draw.random()
        if how < 0.55:
            return number[:place] + str((int(number[place]) + self.draw.randrange(1, 10)) % 10) + number[place + 1 :]
        if how < 0.75 and place < 16:
            return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        if how < 0.85:
            return number[:place] + number[place + 1 :]
        if how < 0.95:
            return number[:place] + number[place] + number[place:]
        return number[:17] + self.draw.choice("0123456789X")

    def name(self) -> str | None:
        p, d = self.person, self.draw
        name = p.name
        if p.former and d.random() < 0.25:
            name = p.former
            self.marks.append("former_name")
        own = p.group != "han"
        if self.happens("variant", 0.06 if own else 0.008):
            name = self.other(name, SPELT if own else d.choice((SOUND, LOOK, OLDER)))
        if self.happens("slip", 0.002):
            place = d.randrange(len(name))
            name = d.choice(
                (
                    name[:place] + name[place + 1 :],
                    name[:place] + name[place] + name[place:],
                    name[0] + name[:0:-1],
                    name[:place] + d.choice("?□*") + name[place + 1 :],
                )
            )
        if own and self.happens("short_name", 0.02) and len(name) >= 4:
            name = d.choice((name[:2], name[-2:]))
        if self.happens("dot", 0.5 if "·" in name else 0):
            name = name.replace("·", d.choice("•・‧．.。●? -") if d.random() < 0.8 else "")
        if self.happens("masked_name", 0.003):
            name = d.choice(
                (
                    name[0] + "*" * (len(name) - 1),
                    name[0] + "**",
                    "*" * (len(name) - 1) + name[-1],
                    name[0] + "某" + name[2:],
                )
            )
        if self.happens("note", 0.003):
            name += d.choice(("(已故)", "（户主）", "1", "同志", "(曾用名)", "（小）"))
        if self.happens("blank", 0.02):
            name = d.choice((f" {name}", f"{name}\u3000", f"{name[0]} {name[1:]}", f"{name}\u200b"))
        if p.mother and (TODAY - p.born).days < 900 and self.happens("childs_name", 0.04):
            name = d.choice((f"{p.mother}之{'子' if p.sex == '1' else '女'}", ""))
        return name

    def other(self, name: str, known: dict[str, str]) -> str:
        places = [n for n, sign in enumerate(name) if sign in known]
        if not places:
            return name
        place = self.draw.choice(places)
        return name[:place] + self.draw.choice(known[name[place]]) + name[place + 1 :]

    def sex(self) -> str:
        sex = self.person.sex
        if self.happens("sex", 0.002):
            sex = str(3 - int(sex))
        return self.draw.choice(("0", "9", "未知")) if self.draw.random() < 0.005 else self.office.words[int(sex) - 1]

    def birth(self) -> str | None:
        born, d = self.person.born, self.draw
        if self.happens("birth", 0.006):
            how = d.randrange(6)
            if how == 0:
                born = date(born.year, 1, 1)
            elif how == 1:
                born -= timedelta(days=d.randrange(19, 51))
            elif how == 2:
                born = date(
                    born.year, born.day if born.day <= 12 else born.month, born.month if born.day <= 12 else born.day
                )
            elif how == 3:
                born = date(born.year - d.choice((1, 10)), born.month, min(born.day, 28))
            elif how == 4:
                born += timedelta(days=d.choice((-1, 1, 10)))
            else:
                return d.choice(("00000000", "1900-01-01", "99991231", "不详", "19000101"))
        form = (
            self.office.day
            if d.random() < 0.93
            else d.choice(("%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%d-%b-%Y", "%Y年%m月%d日"))
        )
        return born.strftime(form)

    def telephone(self) -> str:
        p, d = self.person, self.draw
        phone = p.phone
        if self.old and d.random() < 0.4:
            phone = f"139{p.key * 7919 % 10**8:08}"
            self.marks.append("old_phone")
        elif p.kin and self.happens("kins_phone", 0.02):
            phone = d.choice(p.kin).phone
        elif self.happens("cadres_phone", 0.02):
            phone = self.maker.cadres.setdefault(p.address[:12], self.maker.phone())
        return d.choice(
            (
                phone,
                phone,
                phone,
                f"+86{phone}",
                f"86-{phone}",
                f"{phone[:3]} {phone[3:7]} {phone[7:]}",
                f"{phone}、0{d.randrange(810, 840)}-{d.randrange(2 * 10**6, 9 * 10**6)}",
            )
        )

    def address(self) -> str:
        text, d = self.person.address, self.draw
        if self.old and d.random() < 0.5:
            self.marks.append("moved")
            return f"{d.choice(TOWNS)}{d.choice(ROADS)}{d.randrange(1, 300)}号{d.randrange(1, 20)}栋{d.randrange(100, 999)}"
        if d.random() < 0.4:
            text = text.removeprefix("四川省")
        if d.random() < 0.25:
            text = text.replace(NAMES_OF[self.person.county], "")
        if d.random() < 0.2:
            text = text.replace("栋", d.choice(("幢", "号楼", "座"))).replace("单元", d.choice(("单元", "-")))
        return d.choice(("集体户", "同上", "无", "不详")) if d.random() < 0.01 else text

    def area(self) -> str:
        county = self.person.county
        return self.draw.choice((county, county, county, f"{county}000000", f"{county[:4]}00", NAMES_OF[county]))

    def card(self) -> str:
        card = self.person.card
        if self.old:
            card = f"{card[0]}{self.person.key * 104729 % 10**8:08}"
        return card.lower() if self.draw.random() < 0.02 else card


def make(maker: Maker, count: int, rate: float = 1.0) -> tuple[pa.Table, pa.Table]:
    """(records, truth) of at least `count` rows, shuffled; `rate` multiplies the chance of every fault."""
    rows: list[Row] = []
    truth: list[tuple[str, str, list[str], list[str]]] = []
    while len(rows) < count:
        home = maker.household()
        maker.people += home
        for person in home:
            for office in OFFICES:
                for copy in range(2):
                    if maker.random.random() >= office.held * (1 if copy == 0 else 0.12):
                        continue
                    row, marks = RowMaker(maker, person, office, rate, copy == 1).written()
                    row["record_key"] = f"{maker.random.randrange(10**9):09}:{len(rows)}"
                    rows.append(row)
                    truth.append((str(row["record_key"]), f"p{person.key}", groups_of(person, row), marks))
    order = list(range(len(rows)))
    maker.random.shuffle(order)
    labelled = pa.table({
        "record_key": [truth[n][0] for n in order], "subject_id": [truth[n][1] for n in order],
        "groups": pa.array([truth[n][2] for n in order], pa.list_(pa.string())),
        "defects": pa.array([truth[n][3] for n in order], pa.list_(pa.string())),
    })  # fmt: skip
    return table([rows[n] for n in order], PERSON), labelled


def groups_of(person: Person, row: Row) -> list[str]:
    age = (TODAY - person.born).days / 365.25
    number = row.get("id_number")
    found = [person.group] if person.group != "han" else []
    found += ["child"] if age < 14 else ["elderly"] if age >= 60 else []
    return found + (["no_id"] if not number or len(number) < 8 else [])
