"""What the layout document says in both languages: words for frequencies, kinds of fields, forms and sources, and examples."""

from __future__ import annotations

from extractors.contract import Column, Contract
from extractors.sources import DatabaseSource, SftpSource

# Made-up values; the citizen number has a sequence no county reaches (domain.md 11).
EXAMPLES = {
    "id": "510104198501029010", "uscc": "92510104MA6X90015E", "organisation_code": "71526726X", "registration_no": "440301103097413",
    "person_name": "张三", "company_name": "成都某某商贸有限公司", "month": "202611", "phone": "13800000000", "sex": "1", "ethnicity": "01",
    "area": "510104", "address": "四川省成都市锦江区某某路1号", "bank_card": "6222021234567890128", "amount": "1234.50",
    "number_text": "00012345", "text": "文字",
}  # fmt: skip
# Of fields whose numbers have a form of their own.
EXAMPLES_OF = {
    "former_id_number": "510104850102901", "bank_code": "001", "card_number": "A12345678", "card_code": "0123456789ABCDEF0123456789ABCDEF", "member_no": "1",
    "officer_no": "1", "disability_cert_no": "51010419850102901044", "employment_cert_no": "5101040026000001",
    "entity_no": "5101040000012345", "industry_code": "5211", "birth_certificate_no": "Z510000001",
    "ehealth_id": "0123456789abcdef0123456789abcdef", "household_no": "000012345", "police_station_code": "510104000000",
    "tax_office_code": "15101040000", "taxpayer_no": "92510104MA6X90015E", "taxpayer_serial": "10215101040000012345",
    "transit_card_no": "3104000000000012345", "husband_nationality": "中国", "wife_nationality": "中国",
}  # fmt: skip
KINDS = {
    "id": "按文本报送，不得用科学计数法", "uscc": "18 位，按文本报送", "organisation_code": "9 位，按文本报送",
    "registration_no": "15 位，按文本报送", "person_name": "填全名，间隔号用“·”", "company_name": "填登记的全称",
    "date": "公历", "timestamp": "北京时间", "month": "六位年月", "phone": "手机号码或带区号的固定电话", "sex": "按代码表报送",
    "ethnicity": "按代码表报送", "code": "按代码表报送", "choice": "按代码表报送", "area": "六位行政区划代码", "address": "填全址",
    "bank_card": "按文本报送，不得用科学计数法", "amount": "单位元，两位小数", "number_text": "按文本报送，保留前导零",
    "text": "按原文报送",
}  # fmt: skip
SHEET_NOTE = "每市（州）一张工作表，表名为市（州）名称 one sheet per prefecture, named after it"
_FREQUENCY = {
    "five-minute": "每五分钟", "fifteen-minute": "每十五分钟", "hourly": "每小时", "daily": "每日", "weekly": "每周", "monthly": "每月",
    "yearly": "每年", "delta": "增量", "full": "全量", "batches": "分批",
}  # fmt: skip


def frequency_words(frequency: str) -> str:
    """'daily delta, weekly full' as '每日增量，每周全量 daily delta, weekly full'; words not known stay as they are alone."""
    parts = [part.split() for part in frequency.split(",")]
    if not all(word in _FREQUENCY for part in parts for word in part):
        return frequency
    return "，".join("".join(_FREQUENCY[word] for word in part) for part in parts) + f" {frequency}"


def length_words(column: Column, end: int) -> str:
    """A column's length; one of fixed width with its first and last byte, counted from 1, of which `end` is the last."""
    if column.width is not None:
        return f"{column.width} 字节 bytes ({end - column.width + 1}-{end})"
    return "" if column.length is None else f"≤ {column.length} 字 characters"


def form_words(contract: Contract) -> str:
    """How a file of this layout is written."""
    form = contract.form
    parts: list[str] = [form.kind, form.encoding]
    if form.kind == "csv":
        parts += [
            "BOM" if form.bom else "无 no BOM",
            f"分隔符 delimiter {form.delimiter!r}",
            "第一行为列名 header line",
            '含分隔符、引号或换行的值加双引号 values with the delimiter, quotes or line ends in "..."',
        ]
    if form.kind in ("xlsx", "xls"):
        parts = [
            form.kind,
            f"{form.title_rows} 行标题 title rows",
            f"{form.header_rows} 行表头 header rows",
            "列名写作 组/列 columns are told as group/header",
            "证件号码列须为文本 ids as text",
        ]
    if form.kind == "fixed_width":
        bytes_a_line = sum(column.width or 0 for column in contract.columns)
        parts += [
            "无表头 no header",
            f"每行 {bytes_a_line} 字节，不含换行 {bytes_a_line} bytes a line without its end",
            *([f"增量文件每行 {bytes_a_line + 1} 字节 one more in delta files"] if "delta" in contract.modes else []),
            "右侧以空格补足，按字节计宽 padded right with spaces, widths in bytes",
        ]
    if form.kind == "json_lines":
        parts.append("每行一个 JSON 对象 one JSON object a line")
    if form.kind == "xml":
        parts += [
            f"声明 declared {form.declared}",
            f"行 row {form.row}",
            "列为行下路径 columns are paths below the row",
        ]
    if form.kind in ("csv", "fixed_width"):
        parts.append(f"换行 line end {getattr(form, 'line_end', '').upper()}")
    return ", ".join(parts)


def source_words(contract: Contract) -> str:
    """How the rows reach the project: laid down as files, or pulled from where."""
    source = contract.source
    if source is None:
        return "文件连同清单送达 files with their manifests are delivered"
    if isinstance(source, SftpSource):
        return f"从 SFTP 目录取文件，清单最后上传 fetched from the SFTP folder {source.folder}, manifest uploaded last"
    if not isinstance(source, DatabaseSource):
        return f"从分页接口读取 read from the paged API {source.path}"
    told = f"读取数据库视图或表 read from the database view or table {source.table}"
    match source.read.by:
        case "whole":
            return f"{told}, 每次全部 whole each time"
        case "update_time":
            return f"{told}, 按更新时间列增量 changes by the update time in column {source.read.column}"
        case "change_log":
            return f"{told}, 按变更日志增量 changes by the log {source.read.table}, sequence {source.read.sequence}"
