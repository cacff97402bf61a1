"""Labelled person records by another hand than `demo/`: own names, families, departments, rates and faults.

The matcher is judged on records nobody has seen. This maker shares no code, vocabulary or rate with the pretend province,
draws row by row, and plants several faults in one row, so that a rule that only fits our own generator shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tests.matching.subjects import citizen

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
COMPOUND = ("欧阳", "司马", "上官", "诸葛", "尉迟", "令狐", "钟离")
OLD_MALE, OLD_FEMALE = "国建志文明德光永正清华贵荣福成林祥忠云学", "秀桂玉淑素兰珍英芳琼碧群清华琴容蓉菊惠莲"
NEW_MALE, NEW_FEMALE = "浩宇子轩泽杰俊博文睿铭昊晨瑞嘉天翔鑫阳凯", "欣雨涵梓诗琪怡佳雪婷思彤可馨悦萱语瑶依静"
CLANS = ("吉克", "沙马", "阿的", "马海", "曲比", "勒格", "俄木", "吉木", "阿库", "日火", "海来", "额其", "的惹", "罗洪")
YI_MALE, YI_FEMALE = (
    ("木呷", "尔古", "伍且", "拉铁", "子哈", "曲布", "约布", "史布"),
    ("阿牛", "阿衣", "伍呷", "尔扎", "阿果", "布西", "曲洛", "里惹"),
)
TIBETAN_FIRST, TIBETAN_LAST = (
    ("泽仁", "扎西", "格桑", "洛绒", "四郎", "降央", "尼玛", "达瓦", "仁青", "益西", "白玛", "罗布"),
    ("卓玛", "多吉", "拉姆", "邓珠", "志玛", "曲珍", "翁姆", "彭措", "旺堆", "央金"),
)
COUNTIES = (
    "510104",
    "510114",
    "510402",
    "510521",
    "510623",
    "510722",
    "510802",
    "510904",
    "511102",
    "511321",
    "511402",
    "511523",
    "511602",
    "511702",
    "511802",
    "511921",
    "512002",
    "513201",
    "513301",
    "513401",
    "513431",
    "510181",
)
NAMES_OF = {
    "510104": "成都市锦江区",
    "510114": "成都市新都区",
    "510402": "攀枝花市东区",
    "510521": "泸州市泸县",
    "510623": "德阳市中江县",
    "510722": "绵阳市三台县",
    "510802": "广元市利州区",
    "510904": "遂宁市安居区",
    "511102": "乐山市市中区",
    "511321": "南充市南部县",
    "511402": "眉山市东坡区",
    "511523": "宜宾市江安县",
    "511602": "广安市广安区",
    "511702": "达州市通川区",
    "511802": "雅安市雨城区",
    "511921": "巴中市通江县",
    "512002": "资阳市雁江区",
    "513201": "阿坝藏族羌族自治州马尔康市",
    "513301": "甘孜藏族自治州康定市",
    "513401": "凉山彝族自治州西昌市",
    "513431": "凉山彝族自治州昭觉县",
    "510181": "成都市都江堰市",
}
ROADS = ("人民路", "解放街", "建设路", "团结巷", "和平街", "新华大道", "滨江东路", "环城南路", "教育街", "文庙街")
TOWNS = ("城关镇", "太平镇", "龙泉镇", "兴隆镇", "双河乡", "石桥镇", "白马乡", "永安镇", "观音镇", "金华镇")
TODAY = date(2026, 11, 1)


@dataclass(slots=True, eq=False)
class Person:
    """One living person of the truth; `kin` are those whose number or telephone may stand in for the own one."""

    key: int
    name: str
    sex: str
    born: date
    number: str
    county: str
    group: str
    household: str
    address: str
    phone: str
    card: str
    twin: bool = False
    former: str = ""
    second: str = ""
    second_is_listed: bool = False
    kin: list[Person] = field(default_factory=list)
    mother: str = ""


class Maker:
    """Draws people and their rows from one seed."""

    def __init__(self, seed: int, counties: int = len(COUNTIES)) -> None:
        self.random = Random(seed)
        self.counties = COUNTIES[-counties:]
        self.used: set[str] = set()
        self.people: list[Person] = []
        self.cadres: dict[str, str] = {}

    def number(self, county: str, born: date, sex: str, near: str = "") -> str:
        """A number nobody has yet; `near` asks for the next one of a twin."""
        head = county if self.random.random() < 0.85 else self.random.choice(COUNTIES)
        serial = (
            int(near[14:17])
            + (1 if (near[16] in "13579" and sex == "2") or (near[16] not in "13579" and sex == "1") else 2)
            if near
            else 0
        )
        head = near[:6] if near else head
        while True:
            at = serial or self.random.randrange(1, 990)
            at += int(sex == "1") ^ (at % 2)
            found = citizen(head, born.strftime("%Y%m%d"), min(at, 999))
            if found not in self.used:
                self.used.add(found)
                return found
            serial = serial + 2 if serial and serial < 990 else 0

    def given(self, born: date, sex: str) -> str:
        old = born.year < 1985
        pool = (OLD_MALE if old else NEW_MALE) if sex == "1" else (OLD_FEMALE if old else NEW_FEMALE)
        other = "强军平勇刚波涛斌华辉" if sex == "1" else "丽敏艳霞燕红梅娟洁莉"
        signs = pool + other
        first = signs[min(int(self.random.expovariate(1 / 7)), len(signs) - 1)]
        if self.random.random() < (0.3 if old else 0.15):
            return first
        return first + signs[self.random.randrange(len(signs))]

    def surname(self) -> str:
        if self.random.random() < 0.004:
            return self.random.choice(COMPOUND)
        return SURNAMES[min(int(self.random.expovariate(1 / 22)), len(SURNAMES) - 1)]

    def name(self, group: str, surname: str, born: date, sex: str) -> str:
        if group == "yi":
            return surname + self.random.choice(YI_MALE if sex == "1" else YI_FEMALE)
        if group == "tibetan":
            first, last = self.random.choice(TIBETAN_FIRST), self.random.choice(TIBETAN_LAST)
            return first if self.random.random() < 0.12 else first + self.random.choice(("", "", "·")) + last
        return surname + self.given(born, sex)

    def household(self) -> list[Person]:
        """A family under one roof: one or two adults, children, now and then twins, an old parent."""
        draw, r = self.random, self.random.random
        county = draw.choice(self.counties)
        group = "han"
        if county[:4] in ("5132", "5133"):
            group = "tibetan" if r() < 0.6 else "han"
        elif county[:4] == "5134":
            group = "yi" if r() < 0.6 else "han"
        number = f"{draw.randrange(10**8, 10**9)}"
        town, road = draw.choice(TOWNS), draw.choice(ROADS)
        where = (
            f"{draw.randrange(1, 400)}号{draw.randrange(1, 30)}栋{draw.randrange(1, 4)}单元{draw.randrange(1, 30)}{draw.randrange(1, 5):02}号"
            if r() < 0.5
            else ""
        )
        village = f"{draw.choice('青红龙凤金银石木水火')}{draw.choice('山水桥坝河岩湾坪沟林')}村{draw.randrange(1, 15)}组{draw.randrange(1, 300)}号"
        address = f"四川省{NAMES_OF[county]}{town}" + (road + where if where else village)
        family = draw.choice(CLANS) if group == "yi" else self.surname()
        home: list[Person] = []
        phone = self.phone()

        def add(born: date, sex: str, surname: str, near: str = "", mother: str = "") -> Person:
            number_ = self.number(county, born, sex, near)
            grown = TODAY.year - born.year >= 14
            one = Person(
                len(self.people) + len(home), self.name(group, surname, born, sex), sex, born, number_, county, group, number, address,
                self.phone() if grown and r() < 0.8 else phone, f"{draw.choice('ABCDEFGHK')}{draw.randrange(10**8):08}", bool(near), mother=mother,
            )  # fmt: skip
            home.append(one)
            return one

        age = draw.randrange(22, 90)
        head = add(self.day(age), draw.choice("12"), family)
        wife = (
            add(
                self.day(max(20, age + draw.randrange(-6, 5))),
                "2" if head.sex == "1" else "1",
                self.surname() if group != "yi" else draw.choice(CLANS),
            )
            if r() < 0.65
            else None
        )
        if wife is not None and age < 75:
            for _ in range(draw.choice((0, 1, 1, 2, 2, 3))):
                years = age - draw.randrange(22, 38)
                if years < 0:
                    continue
                mother = (head if head.sex == "2" else wife).name
                child = add(
                    self.day(years),
                    draw.choice("12"),
                    (head if head.sex == "1" else wife).name[: 2 if group == "yi" else 1],
                    mother=mother,
                )
                if r() < 0.03:
                    child.twin = True
                    other = add(
                        child.born,
                        child.sex if r() < 0.6 else draw.choice("12"),
                        child.name[: 2 if group == "yi" else 1],
                        near=child.number,
                        mother=mother,
                    )
                    if group == "han" and r() < 0.6 and len(child.name) == 3:
                        other.name = child.name[:2] + self.given(child.born, other.sex)[0]
        if r() < 0.15 and age < 65:
            add(self.day(age + draw.randrange(20, 32)), draw.choice("12"), family)
        for one in home:
            one.kin = [other for other in home if other is not one]
            if r() < 0.01 and one.born.year < 2010:
                one.former = self.name(group, one.name[:1], one.born, one.sex)
            if r() < 0.004 and one.born.year < 2000:
                born = one.born if r() < 0.4 else one.born - timedelta(days=draw.randrange(-500, 500))
                one.second, one.second_is_listed = self.number(draw.choice(COUNTIES), born, one.sex), r() < 0.4
        return home

    def day(self, age: int) -> date:
        return TODAY - timedelta(days=int(age * 365.25) + self.random.randrange(365) + 1)

    def phone(self) -> str:
        return f"1{self.random.choice(('38', '39', '50', '51', '58', '59', '77', '80', '82', '89', '98'))}{self.random.randrange(10**8):08}"
